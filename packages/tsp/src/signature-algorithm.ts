/** Signature algorithms: which one an AlgorithmIdentifier names, with which digest. */
import { contextTag, type DerElement, DerError, tags } from './der.ts'
import { onlyChild, openFields, readSmallInteger } from './der-read.ts'
import {
  type AlgorithmIdentifier,
  type DigestName,
  readAlgorithm,
  readDigestAlgorithm,
} from './digest.ts'
import { keyOids } from './oids.ts'

/** How a signature is checked. */
export type SignatureAlgorithm =
  | { readonly kind: 'rsa'; readonly digest: DigestName }
  | { readonly kind: 'rsa-pss'; readonly digest: DigestName; readonly saltLength: number }
  | { readonly kind: 'ecdsa'; readonly digest: DigestName }
  /** Hashes with SHA-512 by itself (RFC 8032), and in CMS with nothing else (RFC 8419). */
  | { readonly kind: 'ed25519'; readonly digest: 'SHA-512' }

const rsaDigests: Readonly<Record<string, DigestName>> = {
  [keyOids.rsaSha256]: 'SHA-256',
  [keyOids.rsaSha384]: 'SHA-384',
  [keyOids.rsaSha512]: 'SHA-512',
}

const ecdsaDigests: Readonly<Record<string, DigestName>> = {
  [keyOids.ecdsaSha256]: 'SHA-256',
  [keyOids.ecdsaSha384]: 'SHA-384',
  [keyOids.ecdsaSha512]: 'SHA-512',
}

/**
 * Reads a signature's AlgorithmIdentifier. Throws {@link DerError} for one that is malformed or not
 * supported, SHA-1 and MD5 among them.
 *
 * `bareDigest` is what a bare `rsaEncryption` means in a SignerInfo: the digest that the SignerInfo
 * names (RFC 3370 section 3.2). A certificate has none.
 */
export function readSignatureAlgorithm(
  element: DerElement,
  bareDigest?: DigestName,
): SignatureAlgorithm {
  const algorithm = readAlgorithm(element, 'the signature')
  const { oid, parameters, hasNull } = algorithm
  if (oid === keyOids.rsaPss) return readPss(algorithm)
  if (parameters !== undefined) throw new DerError(`the signature algorithm ${oid} has parameters`)
  const rsaDigest = oid === keyOids.rsa ? bareDigest : rsaDigests[oid]
  if (rsaDigest !== undefined) return { kind: 'rsa', digest: rsaDigest }
  // RFC 5758 section 3.2 and RFC 8410 section 3: no parameters, not even NULL.
  const ecdsaDigest = hasNull ? undefined : ecdsaDigests[oid]
  if (ecdsaDigest !== undefined) return { kind: 'ecdsa', digest: ecdsaDigest }
  if (oid === keyOids.ed25519 && !hasNull) return { kind: 'ed25519', digest: 'SHA-512' }
  throw new DerError(`the signature algorithm ${oid} is not supported`)
}

/** RSASSA-PSS-params (RFC 4055 section 3.1). What it leaves out means SHA-1, which is refused. */
function readPss({ parameters }: AlgorithmIdentifier): SignatureAlgorithm {
  if (parameters === undefined) throw new DerError('RSASSA-PSS without parameters means SHA-1')
  const fields = openFields(parameters, 'the PSS parameters')
  const hash = fields.take(contextTag(0), 'hash (none means SHA-1)')
  const mask = fields.take(contextTag(1), 'mask generation (none means SHA-1)')
  const salt = fields.takeIf(contextTag(2))
  const trailer = fields.takeIf(contextTag(3))
  fields.end()
  const digest = readDigestAlgorithm(onlyChild(hash, 'the PSS hash'), 'PSS')
  if (digest === undefined || readMaskDigest(mask) !== digest.name) {
    throw new DerError('RSASSA-PSS needs SHA-2, the same for the hash and for MGF1')
  }
  if (trailer !== undefined && readPssInteger(trailer, 'the PSS trailer') !== 1) {
    throw new DerError('the PSS trailer is not 1')
  }
  const saltLength = salt === undefined ? 20 : readPssInteger(salt, 'the PSS salt length')
  return { kind: 'rsa-pss', digest: digest.name, saltLength }
}

function readPssInteger(element: DerElement, name: string): number {
  const value = onlyChild(element, name)
  if (value.tag !== tags.integer) throw new DerError(`${name} is no INTEGER`)
  return readSmallInteger(value, name)
}

function readMaskDigest(element: DerElement): DigestName | undefined {
  const { oid, parameters } = readAlgorithm(onlyChild(element, 'the PSS mask'), 'the PSS mask')
  if (oid !== keyOids.mgf1 || parameters === undefined) return undefined
  return readDigestAlgorithm(parameters, 'MGF1')?.name
}
