/** Public keys, read strictly out of a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7). */
import type { Bytes } from './bytes.ts'
import { type DerElement, DerError, parseDer, tags } from './der.ts'
import { openFields, readBitBytes, readOid, readSmallInteger } from './der-read.ts'
import { readAlgorithm } from './digest.ts'
import { keyOids } from './oids.ts'

/** An elliptic curve, by its WebCrypto name. */
export type CurveName = 'P-256' | 'P-384' | 'P-521'

/** A key whose signatures can be checked. */
export type PublicKey =
  | {
      readonly kind: 'rsa'
      /** RSAPublicKey (RFC 8017 appendix A.1.1). */
      readonly pkcs1: Bytes
      /** Set where the key says that it signs with PSS only (RFC 4055 section 1.2). */
      readonly pssOnly: boolean
    }
  | {
      readonly kind: 'ec'
      readonly curve: CurveName
      /** 04, x, y. */
      readonly point: Bytes
      /** The length of a coordinate, in bytes. */
      readonly size: number
    }
  | { readonly kind: 'ed25519'; readonly raw: Bytes }

const curves: Readonly<Record<string, { readonly curve: CurveName; readonly size: number }>> = {
  [keyOids.p256]: { curve: 'P-256', size: 32 },
  [keyOids.p384]: { curve: 'P-384', size: 48 },
  [keyOids.p521]: { curve: 'P-521', size: 66 },
}

/** Shorter ones can be broken; longer ones make checking slow. */
const rsaBits = { least: 2048, most: 8192 } as const

/** Reads a key. Throws {@link DerError} for a key that is malformed, weak or of another kind. */
export function readPublicKey(spki: DerElement): PublicKey {
  const fields = openFields(spki, 'the key')
  const algorithm = readAlgorithm(fields.take(tags.sequence, 'algorithm'), 'the key')
  const bits = readBitBytes(fields.take(tags.bitString, 'bits'), 'the key')
  fields.end()
  const { oid, parameters } = algorithm
  if (oid === keyOids.ec && parameters !== undefined) return readEcKey(readOid(parameters), bits)
  if (parameters !== undefined) throw new DerError(`a key ${oid} with parameters is not supported`)
  if (oid === keyOids.ed25519) {
    if (bits.length !== 32) throw new DerError('the Ed25519 key does not have 32 bytes')
    return { kind: 'ed25519', raw: bits }
  }
  if (oid !== keyOids.rsa && oid !== keyOids.rsaPss) {
    throw new DerError(`the key's algorithm ${oid} is not supported`)
  }
  checkRsaKey(bits)
  return { kind: 'rsa', pkcs1: bits, pssOnly: oid === keyOids.rsaPss }
}

function readEcKey(curveOid: string, point: Bytes): PublicKey {
  const curve = curves[curveOid]
  if (curve === undefined) throw new DerError(`the curve ${curveOid} is not supported`)
  if (point[0] !== 0x04 || point.length !== 1 + 2 * curve.size) {
    throw new DerError(`the key is no uncompressed point of ${curve.curve}`)
  }
  return { kind: 'ec', point, ...curve }
}

function checkRsaKey(pkcs1: Bytes): void {
  const fields = openFields(parseDer(pkcs1), 'the RSA key')
  const modulus = fields.take(tags.integer, 'modulus').content
  const exponent = readSmallInteger(fields.take(tags.integer, 'exponent'), 'the RSA exponent')
  fields.end()
  // With the exponent 1 a signature is the padded message: anyone can write it.
  if (exponent < 3 || exponent % 2 === 0) throw new DerError(`the RSA exponent is ${exponent}`)
  const [first = 0, second = 0] = modulus
  if (first >= 0x80) throw new DerError('the RSA modulus is negative')
  const leading = first === 0 ? second : first
  const bits = (modulus.length - (first === 0 ? 1 : 0)) * 8 - (Math.clz32(leading) - 24)
  if (bits < rsaBits.least || bits > rsaBits.most) {
    throw new DerError(`an RSA key of ${bits} bits; ${rsaBits.least} to ${rsaBits.most} are taken`)
  }
}
