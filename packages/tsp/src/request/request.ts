/** Asks a time authority for a token over HTTP. */
import { encodeHex } from '../bytes.ts'
import { digestBytes } from '../digest.ts'
import { TspError } from '../errors.ts'
import { parseTimestamp } from '../parse.ts'
import { digestStream } from '../stream.ts'
import type { TimestampVerdict, VerifyOptions } from '../verdict.ts'
import { verifyTimestamp } from '../verify.ts'
import { createTimestampRequest } from './create.ts'
import { type Answer, exchange, type Failure, type Fetch, failure, readUrl } from './exchange.ts'
import { retry, type Surroundings, surroundings } from './retry.ts'

/** What is asked of whom. Exactly one of `data`, `stream` and `digest` is needed. */
export interface RequestOptions
  extends Pick<
    VerifyOptions,
    'authorities' | 'createHash' | 'data' | 'digest' | 'policy' | 'revocation' | 'role' | 'stream'
  > {
  /** `http:` or `https:`; a token needs no secrecy and is verified, so both are safe. */
  readonly url: string
  /** Sent to the origin of `url` only: for an authority that wants to know who asks. */
  readonly headers?: Readonly<Record<string, string>> | undefined
  /** 4 if absent. */
  readonly attempts?: number | undefined
  /** For everything together, in milliseconds; 30,000 if absent. */
  readonly deadline?: number | undefined
  /** For one attempt, in milliseconds; 10,000 if absent. */
  readonly attemptTimeout?: number | undefined
  /** 3 if absent. A redirect that leaves https is always refused. */
  readonly maxRedirects?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** The platform's if absent. */
  readonly fetch?: Fetch | undefined
}

/** A token that was received and holds. */
export interface ReceivedTimestamp {
  /** The DER of the bare TimeStampToken. */
  readonly token: Uint8Array
  /** The answer as received, for programs that want a TimeStampResp. */
  readonly response: Uint8Array
  readonly verdict: TimestampVerdict
  /** The authority's time, as in the verdict. */
  readonly genTime: Date
  /** How often it was asked. */
  readonly attempts: number
}

/**
 * Asks for a token, with a new nonce each time, and verifies it before it is given out.
 *
 * What may go away by itself (no connection, no answer in time, HTTP status 408, 425, 429, 500, 502,
 * 503 or 504, an authority without time or with a failure) is tried again. Throws {@link TspError}:
 * `INVALID_ARGUMENT`, `INVALID_OID`, `URL_REFUSED`, `UNREACHABLE`, `TIMED_OUT`, `ABORTED`,
 * `HTTP_STATUS`, `RESPONSE_TOO_LARGE`, `RESPONSE_INVALID`, `REQUEST_REJECTED`, `TOKEN_REFUSED`.
 */
export function requestTimestamp(options: RequestOptions): Promise<ReceivedTimestamp> {
  return requestIn(surroundings, options)
}

/** {@link requestTimestamp} with a time and chance of the caller. */
export async function requestIn(
  around: Surroundings,
  options: RequestOptions,
): Promise<ReceivedTimestamp> {
  const { attempts = 4, deadline = 30_000, attemptTimeout = 10_000, maxRedirects = 3 } = options
  const { signal, headers = {}, policy, fetch = globalThis.fetch } = options
  const url = readUrl(options.url)
  if (typeof url === 'string') throw new TspError('URL_REFUSED', url)
  if (![attempts, deadline, attemptTimeout, maxRedirects].every((limit) => limit >= 0)) {
    const message = 'attempts, deadline, attemptTimeout and maxRedirects are numbers from 0'
    throw new TspError('INVALID_ARGUMENT', message)
  }
  checkHeaders(headers)
  const imprint = await imprintOf(options)
  const ask = async (limit: AbortSignal, number: number) => {
    const nonce = newNonce()
    const body = createTimestampRequest({ imprint, nonce, policy })
    const answer = await exchange({ fetch, url, headers, body, maxRedirects, signal: limit })
    return readAnswer(answer, { ...options, imprint, nonce, number })
  }
  const received = await retry(ask, { attempts, deadline, attemptTimeout, signal }, around)
  return received.timestamp
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  try {
    new Headers(headers)
  } catch (cause) {
    throw new TspError('INVALID_ARGUMENT', 'headers has a name or value that HTTP has not', {
      cause,
    })
  }
}

async function imprintOf({
  data,
  stream,
  digest,
  createHash,
}: RequestOptions): Promise<Uint8Array> {
  const given = [data, stream, digest].filter((one) => one !== undefined)
  if (given.length !== 1) {
    throw new TspError('INVALID_ARGUMENT', 'give exactly one of data, stream and digest')
  }
  if (data !== undefined) return digestBytes('SHA-256', new Uint8Array(data))
  if (stream === undefined) return Uint8Array.from(digest ?? [])
  const [hashed = new Uint8Array()] = await digestStream(stream, ['SHA-256'], createHash)
  return hashed
}

/** 64 random bits, as other clients send: some authorities take no more. Never zero. */
function newNonce(): Uint8Array {
  const nonce = crypto.getRandomValues(new Uint8Array(8))
  nonce[0] = ((nonce[0] ?? 0) & 0x3f) | 0x40
  return nonce
}

async function readAnswer(
  answer: Answer,
  asked: Pick<RequestOptions, 'authorities' | 'policy' | 'revocation' | 'role'> & {
    readonly imprint: Uint8Array
    readonly nonce: Uint8Array
    readonly number: number
  },
): Promise<{ readonly ok: true; readonly timestamp: ReceivedTimestamp } | Failure> {
  if (!answer.ok) return answer
  const { body: response, contentType } = answer
  const parsed = parseTimestamp(response)
  if (!parsed.ok) {
    const { code, detail, failure: why } = parsed
    if (code === 'REJECTED') {
      const isPassing = why === 'timeNotAvailable' || why === 'systemFailure'
      return failure('REQUEST_REJECTED', detail, { failure: why, isPassing })
    }
    const start = encodeHex(response.subarray(0, 8))
    const what = `${code}: ${detail} (${contentType}, begins with ${start})`
    return failure('RESPONSE_INVALID', `the answer is no timestamp: ${what}`)
  }
  const { imprint: digest, nonce, number, authorities, policy, revocation, role } = asked
  const { token } = parsed
  const options = { digest, nonce, authorities, policy, revocation, role }
  const verdict = await verifyTimestamp(token, options)
  if (verdict.genTime === undefined) {
    const bad = verdict.checks.find(({ status }) => status === 'fail' || status === 'untrusted')
    const message = `the token does not hold: ${bad?.id}: ${bad?.detail}`
    return failure('TOKEN_REFUSED', message, { verdict })
  }
  const { genTime } = verdict
  return { ok: true, timestamp: { token, response, verdict, genTime, attempts: number } }
}
