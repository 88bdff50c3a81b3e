/** Tiles over HTTP, by `fetch`, with bounds on all that a server can do. */
import { MerkleError } from '../errors.ts'
import { maxNoteLength } from '../note/text.ts'
import { hashLength } from '../rfc6962.ts'
import { maxEntryLength } from '../tiles/bundle.ts'
import { parseTilePath } from '../tiles/path.ts'
import { reasonOf, type SourceFailure, type TileSource } from '../tiles/source.ts'
import { until } from '../until.ts'
import { readBody } from './body.ts'

/** How {@link httpTileSource} works. */
export interface HttpTileSourceOptions {
  /** What sends requests; by default the platform's `fetch`. */
  readonly fetch?: (url: URL, init: RequestInit) => Promise<Response>
  /** Ends everything that the source does. */
  readonly signal?: AbortSignal
  /** For one request with its answer: 20,000 by default. */
  readonly timeoutMs?: number
  /** Lowers the limit of a file's size; by default what its kind can have at most. */
  readonly maxBytes?: number
  /** How often a file is asked for at most: 3 by default. */
  readonly attempts?: number
}

const checkpointPath = 'checkpoint'

const defaultTimeoutMs = 20_000
const defaultAttempts = 3
const firstPauseMs = 250
const maxPauseMs = 10_000

/** The statuses that `fetch` would follow (Fetch Standard, "redirect status"). */
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** How many bytes a file can have, or undefined for a path that is not one of a log. */
function limitOf(path: string): number | undefined {
  if (path === checkpointPath) return maxNoteLength
  const found = parseTilePath(path)
  if (found === undefined) return undefined
  return found.width * (found.kind === 'tile' ? hashLength : 2 + maxEntryLength)
}

/** An answer that may be better next time, and after how long the server wants to be asked. */
interface Retry {
  readonly failure: SourceFailure
  readonly afterMs: number
}

type Answer =
  | { readonly bytes: Uint8Array | undefined }
  | { readonly failure: SourceFailure }
  | { readonly retry: Retry }

function failure(code: SourceFailure['code'], detail: string, cause?: unknown): SourceFailure {
  return { ok: false, code, detail, ...(cause === undefined ? {} : { cause }) }
}

/** Seconds of `Retry-After`; a date there is not read. */
function retryAfterMs(response: Response): number {
  const seconds = response.headers.get('retry-after') ?? ''
  return /^[0-9]{1,6}$/.test(seconds) ? Number(seconds) * 1000 : 0
}

async function answerOf(response: Response, limit: number): Promise<Answer> {
  const { status } = response
  if (response.type === 'opaqueredirect' || redirects.has(status)) {
    return { failure: failure('REDIRECTED', 'the server redirects, which is not followed') }
  }
  if (status === 404 || status === 410) return { bytes: undefined }
  if (status === 429 || status >= 500) {
    const refused = failure('HTTP_STATUS', `the server answers with status ${status}`)
    return { retry: { failure: refused, afterMs: retryAfterMs(response) } }
  }
  if (status !== 200) {
    return { failure: failure('HTTP_STATUS', `the server answers with status ${status}`) }
  }
  const bytes = await readBody(response, limit)
  if (bytes !== undefined) return { bytes }
  return { failure: failure('TOO_LARGE', `the answer is above ${limit} bytes`) }
}

/** How long to wait for the next attempt: longer each time, at random, as long as asked for. */
function pauseMs(attempt: number, afterMs: number): number {
  const backoff = firstPauseMs * 2 ** attempt * (0.5 + Math.random() / 2)
  return Math.max(backoff, afterMs)
}

function requirePositive(name: string, value: number): void {
  // The longest time that a timer can hold.
  if (Number.isInteger(value) && value >= 1 && value < 2 ** 31) return
  throw new MerkleError('INVALID_ARGUMENT', `${name} is a whole number from 1 to 2^31 - 1`)
}

/** The folder of a log's files, as a URL that ends with a slash. */
function prefixOf(url: string | URL): URL {
  const prefix = URL.canParse(url) ? new URL(url) : undefined
  const isHttp = prefix?.protocol === 'https:' || prefix?.protocol === 'http:'
  if (prefix === undefined || !isHttp || prefix.username !== '' || prefix.password !== '') {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      'a log is at an http or https URL without user name and password',
    )
  }
  prefix.search = ''
  prefix.hash = ''
  if (!prefix.pathname.endsWith('/')) prefix.pathname += '/'
  return prefix
}

/**
 * A {@link TileSource} of the files below a URL (a log's prefix, such as
 * `https://example.com/log/`). Its query and fragment are left out.
 *
 * Sends no credentials and no referrer, and follows no redirect: the files are asked for from
 * nobody else. An answer is read no further than its kind of file can be long. 404 and 410 mean
 * that there is no such file; 429, 5xx and broken connections are tried again, after pauses.
 * Whatever goes wrong comes back as a failure. Throws INVALID_ARGUMENT, at once, for a bad option.
 */
export function httpTileSource(url: string | URL, options: HttpTileSourceOptions = {}): TileSource {
  const prefix = prefixOf(url)
  const { timeoutMs = defaultTimeoutMs, attempts = defaultAttempts, maxBytes, signal } = options
  requirePositive('timeoutMs', timeoutMs)
  requirePositive('attempts', attempts)
  if (maxBytes !== undefined) requirePositive('maxBytes', maxBytes)
  const send = options.fetch ?? ((target, init) => fetch(target, init))

  async function ask(path: string, limit: number, given?: AbortSignal): Promise<Answer> {
    const run = async (own: AbortSignal): Promise<Answer> => {
      const response = await send(new URL(path, prefix), {
        signal: own,
        redirect: 'manual',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        // Tiles never change; a kept checkpoint must be asked for anew.
        cache: path === checkpointPath ? 'no-cache' : 'default',
      })
      return answerOf(response, limit)
    }
    try {
      const outcome = await until(run, [signal, given], timeoutMs)
      if (outcome.ended === 'done') return outcome.value
      return outcome.ended === 'aborted'
        ? { failure: failure('ABORTED', 'it is no longer wanted') }
        : { failure: failure('TIMEOUT', `there is no whole answer after ${timeoutMs} ms`) }
    } catch (cause) {
      const broken = failure('SOURCE_FAILED', `the request failed: ${reasonOf(cause)}`, cause)
      return { retry: { failure: broken, afterMs: 0 } }
    }
  }

  return async (path, given) => {
    const limit = limitOf(path)
    if (limit === undefined) return failure('SOURCE_FAILED', 'this is no file of a log')
    for (let attempt = 0; ; attempt += 1) {
      const answer = await ask(path, Math.min(limit, maxBytes ?? limit), given)
      if ('bytes' in answer) return answer.bytes
      if ('failure' in answer) return answer.failure
      const pause = pauseMs(attempt, answer.retry.afterMs)
      if (attempt + 1 === attempts || pause > maxPauseMs) return answer.retry.failure
      const waited = await until(() => new Promise<never>(() => {}), [signal, given], pause)
      if (waited.ended === 'aborted') return failure('ABORTED', 'it is no longer wanted')
    }
  }
}
