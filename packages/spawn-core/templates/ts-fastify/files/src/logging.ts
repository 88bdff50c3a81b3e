import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { FastifyRequest, FastifyServerOptions } from 'fastify'
import type { LogLevel } from './config.ts'
import type { Service } from './service.ts'

const secretKeys = ['authorization', 'cookie', 'set-cookie', 'password', 'secret', 'token']

/** Where log lines go; standard output unless a test says otherwise. */
export interface LogStream {
  write(line: string): void
}

/** Options for Fastify's logger (pino): one JSON object per line, secrets removed. */
export function loggerOptions(
  level: LogLevel,
  service: Service,
  stream?: LogStream,
): NonNullable<FastifyServerOptions['logger']> {
  return {
    level,
    base: { service: service.name, version: service.version },
    formatters: { level: (label) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: {
      paths: secretKeys.flatMap((key) => [`["${key}"]`, `*["${key}"]`, `*.headers["${key}"]`]),
      censor: '[redacted]',
    },
    serializers: {
      // The query string is left out: it is where tokens and personal data end up.
      req: (request) => ({ method: request.method, url: pathOf(request) }),
    },
    ...(stream === undefined ? {} : { stream }),
  }
}

/** The path of a request without its query string. */
export function pathOf(request: Pick<FastifyRequest, 'url'>): string {
  return request.url.split('?', 1)[0] ?? ''
}

/** Takes a caller's `x-request-id` if it is short and plain, else makes one. */
export function requestId(request: IncomingMessage): string {
  const given = request.headers['x-request-id']
  return typeof given === 'string' && /^[\w.-]{1,64}$/.test(given) ? given : randomUUID()
}

/** The trace id of a W3C `traceparent` header, or undefined if there is no valid one. */
export function traceId(request: IncomingMessage): string | undefined {
  const header = request.headers['traceparent']
  if (typeof header !== 'string' || header.length > 256) return undefined
  const match = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?$/.exec(header)
  if (match === null) return undefined
  const [, version, trace, parent, rest] = match
  if (version === 'ff' || (version === '00' && rest !== undefined)) return undefined
  if (/^0+$/.test(trace ?? '') || /^0+$/.test(parent ?? '')) return undefined
  return trace
}
