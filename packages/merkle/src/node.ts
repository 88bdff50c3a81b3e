/** What this package does better on Node: hashing, and keys held by `node:crypto`. */
import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto'
import { type Ed25519Signer, isAcceptableSignature } from './ed25519.ts'
import { MerkleError } from './errors.ts'
import { type NoteSigner, ed25519NoteSigner as noteSigner } from './note/sign.ts'
import { ed25519NoteVerifier, type NoteVerifier } from './note/verifier.ts'
import { type Hasher, hasherFrom } from './rfc6962.ts'

/** A buffer as a plain array: callers compare and serialise hashes. */
function plain(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)
}

/** A {@link Hasher} by `node:crypto`, with the same results as the one that runs anywhere. */
export const nodeHasher: Hasher = hasherFrom((bytes) => plain(hash('sha256', bytes, 'buffer')))

/** Keys that were used, by their `x`. To make one takes half as long as to check a signature. */
const keys = new Map<string, KeyObject>()
const maxKeys = 128

function keyOf(publicKey: Uint8Array): KeyObject {
  const x = Buffer.from(publicKey).toString('base64url')
  const known = keys.get(x)
  if (known !== undefined) return known
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  const [oldest] = keys.keys()
  if (oldest !== undefined && keys.size >= maxKeys) keys.delete(oldest)
  keys.set(x, key)
  return key
}

/**
 * Checks an Ed25519 signature at once. Same refusals and verdict as `verifyEd25519`; never throws.
 */
export function nodeVerifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (!isAcceptableSignature(publicKey, signature)) return false
  try {
    return verify(null, message, keyOf(publicKey), signature)
  } catch {
    return false
  }
}

/** As `ed25519NoteVerifier`, by `node:crypto`. Throws INVALID_VKEY. */
export function nodeEd25519NoteVerifier(vkey: string): NoteVerifier {
  return ed25519NoteVerifier(vkey, nodeVerifyEd25519)
}

/** An {@link Ed25519Signer} that signs at once. */
export interface NodeEd25519Signer extends Ed25519Signer {
  /** The 64 bytes of RFC 8032 over `message`. */
  sign(message: Uint8Array): Uint8Array
}

/**
 * An Ed25519 private key as a signer: 32 bytes of public key, 64-byte signatures.
 *
 * Throws KEY_TYPE for any other key.
 */
export function ed25519Signer(privateKey: KeyObject): NodeEd25519Signer {
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519') {
    throw new MerkleError(
      'KEY_TYPE',
      `an Ed25519 private key is needed, not a ${privateKey.type} key of type ${privateKey.asymmetricKeyType ?? 'none'}`,
    )
  }
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' })
  return {
    publicKey: Uint8Array.from(Buffer.from(x, 'base64url')),
    sign: (message) => plain(sign(null, message, privateKey)),
  }
}

/** A note signer for an Ed25519 private key (type 1). Throws KEY_TYPE or INVALID_VKEY. */
export function ed25519NoteSigner(
  name: string,
  privateKey: KeyObject,
): NoteSigner & { readonly vkey: string } {
  return noteSigner(name, ed25519Signer(privateKey))
}
