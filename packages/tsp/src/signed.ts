/** What a certificate and a revocation list have in common: SIGNED (X.509, RFC 5280 section 4.1.1). */
import { type Bytes, equalBytes } from './bytes.ts'
import { type DerElement, DerError, tags } from './der.ts'
import { openFields, readBitBytes } from './der-read.ts'

/** A signed structure, read no further. */
export interface Signed {
  /** What is signed. */
  readonly tbs: DerElement
  readonly signatureAlgorithm: DerElement
  readonly signature: Bytes
}

/** Takes a signed structure apart. Throws {@link DerError}. */
export function readSigned(element: DerElement, name: string): Signed {
  const fields = openFields(element, name)
  const tbs = fields.take(tags.sequence, 'signed part')
  const signatureAlgorithm = fields.take(tags.sequence, 'signatureAlgorithm')
  const signature = readBitBytes(fields.take(tags.bitString, 'signature'), 'the signature')
  fields.end()
  return { tbs, signatureAlgorithm, signature }
}

/**
 * The algorithm outside, which nobody signed, is the one inside (RFC 5280 sections 4.1.1.2 and
 * 5.1.1.2). Throws {@link DerError}.
 */
export function checkAlgorithms(inner: DerElement, outer: DerElement, name: string): void {
  if (equalBytes(inner.raw, outer.raw)) return
  throw new DerError(`${name} names two signature algorithms`)
}
