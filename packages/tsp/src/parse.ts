/** Tells a bare token from a response, and takes the token out. */
import { readContentInfo } from './cms.ts'
import {
  copyInput,
  type DerElement,
  DerError,
  type DerFault,
  parseDer,
  tags,
  tryRead,
} from './der.ts'
import { openFields, readNamedBits, readSmallInteger } from './der-read.ts'
import { printable } from './name.ts'
import { contentOids } from './oids.ts'
import { failureName, type PkiFailure } from './status.ts'

/** Why bytes are not a token that can be verified. */
export type ParseFailureCode = DerFault | 'NOT_A_TIMESTAMP' | 'NO_TOKEN' | 'REJECTED'

/** What {@link parseTimestamp} gives. */
export type ParsedTimestamp =
  | {
      readonly ok: true
      /** What was given: the bare token, or a response around it. */
      readonly kind: 'token' | 'response'
      /** The DER of the bare TimeStampToken, as received. Not verified. */
      readonly token: Uint8Array
    }
  | {
      readonly ok: false
      readonly code: ParseFailureCode
      /** For people. */
      readonly detail: string
      /** Why the authority rejected the request, where it did and says so. */
      readonly failure?: PkiFailure
    }

/**
 * Reads a bare TimeStampToken or a TimeStampResp (RFC 3161 section 2.4.2), at most 64 KiB of DER.
 * Nothing is verified. Never throws.
 */
export function parseTimestamp(bytes: Uint8Array): ParsedTimestamp {
  const element = tryRead(() => parseDer(copyInput(bytes)))
  if (element instanceof DerError) {
    return { ok: false, code: element.fault, detail: element.message }
  }
  const isResponse = element.children[0]?.tag === tags.sequence
  const parsed = tryRead(() => (isResponse ? readResponse(element) : readToken(element, 'token')))
  if (!(parsed instanceof DerError)) return parsed
  return { ok: false, code: 'NOT_A_TIMESTAMP', detail: parsed.message }
}

function readToken(element: DerElement, kind: 'token' | 'response'): ParsedTimestamp {
  const { type } = readContentInfo(element)
  if (type !== contentOids.signedData) throw new DerError(`a ${type} is no timestamp token`)
  return { ok: true, kind, token: element.raw }
}

function readResponse(element: DerElement): ParsedTimestamp {
  const fields = openFields(element, 'TimeStampResp')
  const status = readStatus(fields.take(tags.sequence, 'status'))
  const token = fields.takeIf(tags.sequence)
  fields.end()
  // 0 is granted, 1 granted with modifications; no other status comes with a token.
  if (status.value > 1) {
    const { failure, value, text } = status
    const reason = [`status ${value}`, ...(failure === undefined ? [] : [failure]), ...text]
    const detail = `the authority did not grant a token: ${reason.join(', ')}`
    return { ok: false, code: 'REJECTED', detail, ...(failure === undefined ? {} : { failure }) }
  }
  if (token === undefined) {
    return { ok: false, code: 'NO_TOKEN', detail: 'the response grants a token but has none' }
  }
  return readToken(token, 'response')
}

interface PkiStatus {
  readonly value: number
  readonly text: readonly string[]
  readonly failure: PkiFailure | undefined
}

function readStatus(element: DerElement): PkiStatus {
  const fields = openFields(element, 'PKIStatusInfo')
  const value = readSmallInteger(fields.take(tags.integer, 'status'), 'status')
  const text = fields.takeIf(tags.sequence)?.children ?? []
  const failInfo = fields.takeIf(tags.bitString)
  fields.end()
  return {
    value,
    text: text.slice(0, 4).map(readText),
    failure: failInfo === undefined ? undefined : failureName(readNamedBits(failInfo)),
  }
}

function readText(element: DerElement): string {
  return printable(new TextDecoder().decode(element.content))
}
