/** HTTP towards others, with bounds and deadlines: whoever answers is not trusted. */
import { describeError, TlogError } from './errors.ts'

/** An answer, read to its end. */
export interface HttpAnswer {
  readonly status: number
  readonly body: Uint8Array
}

/** What to say, and how much of an answer to take. */
export interface HttpPost {
  /** What is posted, as UTF-8 text. */
  readonly body: string
  /** The most bytes of an answer, after decompression. */
  readonly limit: number
  readonly signal: AbortSignal
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.[0-9]{1,3}){3}$/.test(hostname)
}

/**
 * Reads the URL prefix of a witness or mirror; `whose` is for the message. Its path ends with `/`.
 *
 * Throws LOG_OPTIONS for anything but https (or http to this machine, or with `allowHttp` to any),
 * and for a user name, query or fragment in it.
 */
export function parsePrefix(text: string, whose: string, allowHttp: boolean): URL {
  const refuse = (why: string): TlogError =>
    new TlogError('LOG_OPTIONS', `the URL of ${whose} ${why}: ${JSON.stringify(text)}`)
  const url = URL.parse(text)
  if (url === null) throw refuse('is not a URL')
  if (url.username !== '' || url.password !== '') {
    // Not repeated: it may be a secret.
    throw new TlogError('LOG_OPTIONS', `the URL of ${whose} must not hold a name or password`)
  }
  const isPlain = url.protocol === 'http:'
  if (!isPlain && url.protocol !== 'https:') throw refuse('is not one of https')
  if (isPlain && !allowHttp && !isLoopback(url.hostname)) {
    throw refuse('must be one of https, as it is not on this machine')
  }
  if (url.search !== '' || url.hash !== '') throw refuse('must end with its path')
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

async function readBounded(response: Response, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  // Cancelled by the break of the loop, so that the rest of a long answer is not even received.
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > limit) throw new Error(`it answers with more than ${limit} bytes`)
    chunks.push(chunk)
  }
  return new Uint8Array(Buffer.concat(chunks))
}

/**
 * Posts once. Redirects are not followed: only the configured host is asked.
 *
 * Rejects with an Error whose message says what happened, or with the signal's reason.
 */
export async function postHttp(url: URL, request: HttpPost): Promise<HttpAnswer> {
  const { body, limit, signal } = request
  try {
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain' },
      redirect: 'manual',
      signal,
    })
    return { status: response.status, body: await readBounded(response, limit) }
  } catch (error) {
    signal.throwIfAborted()
    // `fetch failed` says nothing; its cause does, at times by its code alone.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    const said = describeError(cause)
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    const reason = said.includes(code) ? said : `${said} (${code})`
    throw new Error(reason === '' ? 'it can not be reached' : reason, { cause: error })
  }
}
