/** What verifiers are asked, and what they say. */

import { encodeHex } from '../../src/bytes.ts'
import { summarizeTimestamp } from '../../src/summary.ts'
import type { TimestampCheckId, VerifyOptions } from '../../src/verdict.ts'

/** A token, and what it is to be judged by. */
export interface Question {
  /** DER of a bare token, or what stands in its place. */
  readonly token: Uint8Array
  readonly options: VerifyOptions
  /** When to judge, for a verifier that has to be told. */
  readonly at: Date
}

/** `–`: a verifier that can't be asked this. */
export type Answer = 'accepted' | 'refused' | '–'

/** Rules of the caller that neither OpenSSL nor PKI.js has. */
const ownRules: ReadonlySet<TimestampCheckId> = new Set([
  'token.in-time',
  'token.authority-window',
  'token.role',
  'token.pin',
])

/** Whether a forgery of this check can be put to other verifiers. */
export function isAskable(check: TimestampCheckId | undefined): boolean {
  return check === undefined || !ownRules.has(check)
}

/** The anchors of all authorities, DER. */
export function anchorsOf({ options }: Question): Uint8Array[] {
  return options.authorities.flatMap(({ anchors }) => anchors)
}

/**
 * The one thing that the token is compared with: others take no two. The digest that the token has,
 * beside the data, asks nothing more. Undefined where there is nothing, or no one thing.
 */
export function subjectOf({
  token,
  options: { data, digest },
}: Question): { data: Uint8Array } | { digest: Uint8Array } | undefined {
  if (data === undefined) return digest === undefined ? undefined : { digest }
  const isSame =
    digest === undefined || summarizeTimestamp(token)?.imprint.digest === encodeHex(digest)
  return isSame ? { data } : undefined
}

/** Bytes as PEM. */
export function pem(label: 'CERTIFICATE' | 'X509 CRL', der: Uint8Array): string {
  const lines = Buffer.from(der).toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}
