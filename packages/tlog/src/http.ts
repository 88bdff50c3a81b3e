/** HTTP towards others, with bounds and deadlines: whoever answers is not trusted. */
import { describeError, TlogError } from './errors.ts'

/** An answer, read to its end. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

/** What to say, and how much of an answer to take. */
export interface HttpQuestion {
  /** What is posted; without it, the question is a GET. */
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly headers?: Readonly<Record<string, string>>
  /** The most bytes of an answer, after decompression. */
  readonly limit: number
  /** Ends it: also a deadline is the caller's. */
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
 * Asks once. Redirects are not followed: only the configured host is asked.
 *
 * Rejects with an Error whose message says what happened, or with the signal's reason.
 */
export async function askHttp(url: URL, question: HttpQuestion): Promise<HttpAnswer> {
  const { body, headers, limit, signal } = question
  try {
    const response = await fetch(url, {
      ...(body === undefined ? {} : { method: 'POST', body }),
      headers: { ...(body === undefined ? {} : { 'content-type': 'text/plain' }), ...headers },
      redirect: 'manual',
      signal,
    })
    const { status } = response
    return { status, headers: response.headers, body: await readBounded(response, limit) }
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
