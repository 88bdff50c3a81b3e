/** Fastify, set up: limits of connections, strict parsing, and failures below HTTP. */
import type { Socket } from 'node:net'
import fastify, { type FastifyInstance, LogController } from 'fastify'
import type { ProblemCode } from '../errors.ts'
import type { LogSink, Settings } from '../options.ts'
import { takeJson } from './body.ts'
import { handleError, problemDocument, problemMediaType } from './problem.ts'

/** What the parser of HTTP refuses. */
const wire: Readonly<Record<string, ProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
}

/** Answers what was no HTTP request, or took too long to become one. */
function answerBelow(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const code = wire[error.code ?? ''] ?? 'REQUEST_INVALID'
  const document = problemDocument(code, 'The request could not be read.')
  const body = JSON.stringify(document)
  socket.end(
    [
      `HTTP/1.1 ${document.status} ${document.title}`,
      'connection: close',
      `content-type: ${problemMediaType}`,
      `content-length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  )
}

function loggerOf(log: LogSink | undefined) {
  if (log === undefined) return false
  return {
    level: 'info',
    stream: { write: (line: string) => log.write(line) },
    // Headers and bodies are not logged at all; this is for what an error might carry.
    redact: ['*.authorization', '*.headers', '*.token', '*.body'],
  }
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address ?? '')
}

/** A Fastify that takes JSON alone, and answers every failure as a problem document. */
export function createEngine(settings: Settings, log: LogSink | undefined): FastifyInstance {
  const { limits, exposure, publicUrl } = settings
  const app = fastify({
    logger: loggerOf(log),
    logController: new LogController({ disableRequestLogging: true }),
    // A name that the client chooses would be written into the log.
    requestIdHeader: false,
    // Only a proxy on this machine may say for whom it asks.
    trustProxy: exposure === 'loopback' && publicUrl !== undefined ? 'loopback' : false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    connectionTimeout: limits.idleTimeoutMs,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.checkIntervalMs,
    },
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
    clientErrorHandler: answerBelow,
    frameworkErrors: handleError,
  })
  app.server.maxConnections = limits.connections
  if (exposure === 'loopback') {
    app.server.on('connection', (socket: Socket) => {
      // Whatever address was listened on: nobody else is answered without a token.
      if (!isLoopback(socket.localAddress)) socket.destroy()
    })
  }
  takeJson(app)
  app.setErrorHandler(handleError)
  return app
}
