/** Checks signatures with WebCrypto. */
import { type Bytes, concatBytes, trimNumber } from './bytes.ts'
import { DerError, parseDer, tags } from './der.ts'
import { openFields } from './der-read.ts'
import { writeBitBytes, writeSequence } from './der-write.ts'
import type { DigestName } from './digest.ts'
import { isAcceptableEd25519 } from './ed25519.ts'
import type { CurveName, PublicKey } from './public-key.ts'
import type { SignatureAlgorithm } from './signature-algorithm.ts'

/** A signature and what it is said to be of. */
export interface SignedBytes {
  readonly algorithm: SignatureAlgorithm
  readonly key: PublicKey
  readonly message: Bytes
  /** As CMS and X.509 carry it: for ECDSA the DER of r and s. */
  readonly signature: Bytes
}

/** Why a signature does not hold; undefined if it holds. Never throws. */
export async function signatureProblem(signed: SignedBytes): Promise<string | undefined> {
  try {
    return (await verifySignature(signed)) ? undefined : 'the signature does not verify'
  } catch (error) {
    if (error instanceof DerError) return error.message
    // WebCrypto says so of a key that is no key, or of an algorithm that it does not have.
    return `WebCrypto refuses the key or the algorithm (${signed.algorithm.kind})`
  }
}

function verifySignature(signed: SignedBytes): Promise<boolean> {
  const { algorithm, key } = signed
  if (algorithm.kind === 'ecdsa' && key.kind === 'ec') return verifyEcdsa(signed, algorithm, key)
  if (algorithm.kind === 'ed25519' && key.kind === 'ed25519') return verifyEd25519(signed, key.raw)
  if (algorithm.kind === 'rsa-pss' && key.kind === 'rsa') {
    const { digest, saltLength } = algorithm
    return verifyRsa(signed, key.pkcs1, { name: 'RSA-PSS', hash: digest }, saltLength)
  }
  if (algorithm.kind === 'rsa' && key.kind === 'rsa' && !key.pssOnly) {
    const { digest } = algorithm
    return verifyRsa(signed, key.pkcs1, { name: 'RSASSA-PKCS1-v1_5', hash: digest }, 0)
  }
  throw new DerError(`a signature of kind ${algorithm.kind} by a key of kind ${key.kind}`)
}

/** AlgorithmIdentifier of rsaEncryption, with NULL (RFC 3279 section 2.3.1). */
const rsaIdentifier = Uint8Array.of(
  ...[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00],
)

async function verifyRsa(
  { message, signature }: SignedBytes,
  pkcs1: Bytes,
  algorithm: { readonly name: string; readonly hash: DigestName },
  saltLength: number,
): Promise<boolean> {
  // WebCrypto takes an RSA key only under this identifier, also for PSS.
  const spki = writeSequence(rsaIdentifier, writeBitBytes(pkcs1))
  const key = await crypto.subtle.importKey('spki', spki, algorithm, false, ['verify'])
  return crypto.subtle.verify({ name: algorithm.name, saltLength }, key, signature, message)
}

async function verifyEcdsa(
  { message, signature }: SignedBytes,
  { digest }: { readonly digest: DigestName },
  {
    curve,
    point,
    size,
  }: { readonly curve: CurveName; readonly point: Bytes; readonly size: number },
): Promise<boolean> {
  const algorithm = { name: 'ECDSA', namedCurve: curve }
  const key = await crypto.subtle.importKey('raw', point, algorithm, false, ['verify'])
  const raw = rawEcdsaSignature(signature, size)
  return crypto.subtle.verify({ name: 'ECDSA', hash: digest }, key, raw, message)
}

/** Ecdsa-Sig-Value (RFC 3279 section 2.2.3) as WebCrypto takes it: r and s, each of `size` bytes. */
export function rawEcdsaSignature(signature: Bytes, size: number): Bytes {
  const fields = openFields(parseDer(signature), 'the ECDSA signature')
  const numbers = ['r', 's'].map((name) => {
    const { content } = fields.take(tags.integer, name)
    const number = trimNumber(content)
    if ((content[0] ?? 0) >= 0x80 || number.length > size) {
      throw new DerError(`${name} of the ECDSA signature is out of range`)
    }
    return concatBytes(new Uint8Array(size - number.length), number)
  })
  fields.end()
  return concatBytes(...numbers)
}

async function verifyEd25519({ message, signature }: SignedBytes, raw: Bytes): Promise<boolean> {
  if (!isAcceptableEd25519(raw, signature)) return false
  const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify'])
  return crypto.subtle.verify('Ed25519', key, signature, message)
}
