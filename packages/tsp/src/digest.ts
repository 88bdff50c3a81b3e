/** Digest algorithms. */
import type { Bytes } from './bytes.ts'
import { type DerElement, DerError, tags } from './der.ts'
import { openFields, readOid } from './der-read.ts'
import { digestOids } from './oids.ts'

/** A digest of the SHA-2 family, by its WebCrypto name. */
export type DigestName = 'SHA-256' | 'SHA-384' | 'SHA-512'

/** A digest that may be relied on. */
export interface DigestAlgorithm {
  readonly name: DigestName
  readonly oid: string
  /** In bytes. */
  readonly length: number
}

/** The SHA-2 family. No two have one length. */
export const sha2: readonly DigestAlgorithm[] = [
  { name: 'SHA-256', oid: digestOids.sha256, length: 32 },
  { name: 'SHA-384', oid: digestOids.sha384, length: 48 },
  { name: 'SHA-512', oid: digestOids.sha512, length: 64 },
]

/** SHA-256, where RFC 5035 leaves the algorithm out. */
export const defaultDigest: DigestAlgorithm = {
  name: 'SHA-256',
  oid: digestOids.sha256,
  length: 32,
}

/** An AlgorithmIdentifier: its OID and its parameters, where NULL counts as none. */
export interface AlgorithmIdentifier {
  readonly oid: string
  readonly parameters: DerElement | undefined
  /** Whether the parameters are a NULL that is written out. */
  readonly hasNull: boolean
}

/**
 * Reads an AlgorithmIdentifier (RFC 5280 section 4.1.1.2), or one under an IMPLICIT `tag`. Throws
 * {@link DerError}.
 */
export function readAlgorithm(
  element: DerElement,
  name: string,
  tag: number = tags.sequence,
): AlgorithmIdentifier {
  const fields = openFields(element, name, tag)
  const oid = readOid(fields.take(tags.oid, 'algorithm'))
  const hasNull = fields.takeIf(tags.null) !== undefined
  const parameters =
    element.children.length > 1 && !hasNull ? fields.takeAny('parameters') : undefined
  fields.end()
  return { oid, parameters, hasNull }
}

/** The SHA-2 algorithm that an AlgorithmIdentifier names, or undefined for any other. */
export function readDigestAlgorithm(
  element: DerElement,
  name: string,
): DigestAlgorithm | undefined {
  const { oid, parameters } = readAlgorithm(element, name)
  // RFC 5754 section 2: parameters are absent or NULL.
  if (parameters !== undefined) throw new DerError(`the digest algorithm of ${name} has parameters`)
  return sha2.find((algorithm) => algorithm.oid === oid)
}

/** Hashes with WebCrypto. */
export async function digestBytes(name: DigestName | 'SHA-1', bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest(name, bytes))
}
