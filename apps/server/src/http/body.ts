/** Request bodies: JSON of a bounded depth, and bytes where a signature is over them. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'

/** No value that is taken anywhere is nested deeper. */
const maxDepth = 64

/** Whether a JSON text is nested deeper than that. A loop: later steps recurse, and must not run out of stack. */
export function isTooDeep(text: string): boolean {
  let depth = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === 0x22) inString = !inString
    else if (inString) at += unit === 0x5c ? 1 : 0
    else if (unit === 0x5b || unit === 0x7b) {
      depth += 1
      if (depth > maxDepth) return true
    } else if (unit === 0x5d || unit === 0x7d) depth -= 1
  }
  return false
}

/** Takes `application/json` and nothing else, and refuses it where it is nested too deep. */
export function takeJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  const parse = app.getDefaultJsonParser('error', 'error')
  app.addContentTypeParser<string>(
    'application/json',
    { parseAs: 'string' },
    (request, text, done) => {
      if (isTooDeep(text)) done(new Problem('REQUEST_INVALID', 'The JSON is nested too deep.'))
      else void parse(request, text, done)
    },
  )
}

/** Takes these media types as bytes, in this context. */
export function takeBytes(app: FastifyInstance, types: readonly string[], limit: number): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser<Buffer>(
    [...types],
    { parseAs: 'buffer', bodyLimit: limit },
    (_request, bytes, done) => done(null, bytes),
  )
}

/** The bytes of a body that {@link takeBytes} took. */
export function bytesOf({ body }: FastifyRequest): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array()
}

// draft-ietf-httpapi-idempotency-key-header: a string in quotes. Most clients leave the quotes out.
const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/

/** The key in an Idempotency-Key header; undefined where there is none. */
export function idempotencyKeyOf({ headers }: FastifyRequest): string | undefined {
  const header = headers['idempotency-key']
  if (header === undefined) return undefined
  const text = typeof header === 'string' ? header : ''
  const key = quoted.exec(text)?.[1]?.replace(/\\(["\\])/g, '$1') ?? text
  if (/^[!-~]{1,128}$/.test(key)) return key
  throw new Problem(
    'REQUEST_INVALID',
    'The Idempotency-Key header must be 1 to 128 visible ASCII characters, once.',
  )
}
