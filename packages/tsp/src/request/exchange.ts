/** One request over HTTP and its answer, bounded (RFC 3161 section 3.4). */
import { type Bytes, concatBytes } from '../bytes.ts'
import { derLimits } from '../der.ts'
import { TspError, type TspErrorCode } from '../errors.ts'
import { printable } from '../name.ts'

/** The part of `fetch` that is used. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** What is sent, and how. */
export interface Exchange {
  readonly fetch: Fetch
  readonly url: URL
  /** Sent to the origin of `url` only, also after a redirect. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Bytes
  readonly maxRedirects: number
  readonly signal: AbortSignal
}

/** An answer, or why there is none. */
export type Answer =
  | { readonly ok: true; readonly body: Bytes; readonly contentType: string }
  | Failure

/** Why there is no answer that can be used. */
export interface Failure {
  readonly ok: false
  readonly error: TspError
  /** Whether it may go away by itself. */
  readonly isPassing: boolean
  /** The header Retry-After, where there is one. */
  readonly retryAfter?: string | undefined
}

/** Fails with a code. */
export function failure(
  code: TspErrorCode,
  message: string,
  more: Partial<Omit<Failure, 'ok' | 'error'>> & ConstructorParameters<typeof TspError>[2] = {},
): Failure {
  const { isPassing = false, retryAfter, ...options } = more
  return { ok: false, error: new TspError(code, message, options), isPassing, retryAfter }
}

/** Reads a URL that requests may be sent to, or says why it is none. */
export function readUrl(text: string, base?: URL): URL | string {
  const url = URL.canParse(text, base?.href) ? new URL(text, base?.href) : undefined
  if (url === undefined) return `"${printable(text)}" is no URL`
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `${printable(url.protocol)} is not http: or https:`
  }
  if (url.username !== '' || url.password !== '') return 'the URL holds a user name or password'
  // Who answers in place of an https authority must not be able to read or drop its answers.
  if (base?.protocol === 'https:' && url.protocol === 'http:') return 'a redirect leaves https'
  return url
}

/** Sends a query and reads the answer. Never rejects. */
export function exchange(request: Exchange): Promise<Answer> {
  const isPassing = true
  return follow(request).catch((cause: unknown) =>
    request.signal.aborted
      ? failure('TIMED_OUT', 'the authority did not answer in time', { isPassing, cause })
      : failure('UNREACHABLE', `the authority can't be reached${reason(cause)}`, {
          isPassing,
          cause,
        }),
  )
}

/** What `fetch` says is "fetch failed"; what happened stands in its cause. */
function reason(cause: unknown): string {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause
  return inner instanceof Error && inner.message !== '' ? `: ${inner.message}` : ''
}

async function follow(request: Exchange): Promise<Answer> {
  let { url } = request
  for (let redirects = 0; ; redirects += 1) {
    const response = await send(request, url)
    const { status, headers } = response
    const location = headers.get('location')
    // The same query is sent again, also where a browser would turn it into a GET.
    if (![301, 302, 307, 308].includes(status) || location === null) return readAnswer(response)
    await response.body?.cancel()
    if (redirects >= request.maxRedirects) {
      return failure('URL_REFUSED', `more than ${request.maxRedirects} redirects`)
    }
    const next = readUrl(location, url)
    if (typeof next === 'string') return failure('URL_REFUSED', `refused a redirect: ${next}`)
    url = next
  }
}

async function send(
  { fetch, url: first, headers, body, signal }: Exchange,
  url: URL,
): Promise<Response> {
  const sent = new Headers(url.origin === first.origin ? headers : {})
  sent.set('accept', 'application/timestamp-reply')
  sent.set('content-type', 'application/timestamp-query')
  return fetch(url.href, {
    method: 'POST',
    headers: sent,
    body,
    redirect: 'manual',
    credentials: 'omit',
    cache: 'no-store',
    signal,
  })
}

/** Too early, too many, and what a server or what stands before it says of itself. */
const passing: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

async function readAnswer(response: Response): Promise<Answer> {
  const { status, headers } = response
  if (status !== 200) {
    await response.body?.cancel()
    return failure('HTTP_STATUS', `the authority answers with the HTTP status ${status}`, {
      httpStatus: status,
      isPassing: passing.has(status),
      retryAfter: headers.get('retry-after') ?? undefined,
    })
  }
  const pieces: Uint8Array[] = []
  let length = 0
  const reader = response.body?.getReader()
  for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
    pieces.push(next.value)
    length += next.value.length
    if (length > derLimits.bytes) {
      await reader?.cancel()
      return failure('RESPONSE_TOO_LARGE', `the answer has more than ${derLimits.bytes} bytes`)
    }
  }
  const contentType = printable(headers.get('content-type') ?? 'no content type')
  return { ok: true, body: concatBytes(...pieces), contentType }
}
