/** Requests and answers of `node:http` as web-standard ones, and back. */
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { maxMessage } from './limits.ts'

function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = rawHeaders.slice(i, i + 2)
    headers.append(name, value)
  }
  return headers
}

/** The body; undefined where it is longer than may be. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue
    length += chunk.length
    if (length > maxMessage) return undefined
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

async function write(
  response: ServerResponse,
  given: Response,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(given.status, [...given.headers].flat())
  response.flushHeaders()
  const reader = given.body?.getReader()
  try {
    for (;;) {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined }
      if (done || value === undefined) break
      if (!response.write(value)) await once(response, 'drain', { signal })
    }
    response.end()
  } catch (error) {
    // Whoever asked has gone: what still comes is for nobody.
    await reader?.cancel().catch(() => undefined)
    response.destroy()
    if (!signal.aborted) throw error
  }
}

function refuse(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' })
  response.end(`${text}\n`)
}

function tooLong(response: ServerResponse): void {
  refuse(response, 413, `a message has at most ${maxMessage} bytes`)
}

/**
 * Answers a request with what a web-standard handler makes of it. `withBody` is false where the body
 * was read already.
 */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  handle: (request: Request) => Promise<Response>,
  withBody: boolean,
): Promise<void> {
  const { method = 'GET', url = '/' } = request
  const controller = new AbortController()
  response.once('close', () => controller.abort())
  const { signal } = controller
  const hasBody = withBody && method !== 'GET' && method !== 'HEAD'
  // Refused before any of it is read, so that the answer is, too.
  if (Number(request.headers['content-length']) > maxMessage) return tooLong(response)
  let body: Awaited<ReturnType<typeof bodyOf>> | null
  try {
    body = hasBody ? await bodyOf(request) : null
  } catch (error) {
    // Whoever asked has gone.
    if (request.destroyed) return
    throw error
  }
  if (body === undefined) return tooLong(response)
  let web: Request
  try {
    // The name is not looked at: what the caller wrote is in the header `host`.
    web = new Request(new URL(url, 'http://localhost'), {
      method,
      headers: headersOf(request),
      body,
      signal,
    })
  } catch {
    return refuse(response, 400, 'this is no request that can be answered')
  }
  await write(response, await handle(web), signal)
}
