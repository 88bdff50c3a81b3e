/**
 * Ed25519 with one verdict everywhere.
 *
 * RFC 8032 leaves room: backends differ on small-order points, on encodings that are not reduced,
 * and on whether the cofactor is multiplied in. Here such keys and signatures are refused before a
 * backend sees them, and every backend uses the equation without the cofactor, which decides about
 * points of mixed order as about any other.
 */
import { concatBytes } from './bytes.ts'
import { isAcceptableSignature } from './ed25519/acceptance.ts'
import { hasWebCrypto, verifyWithWebCrypto } from './ed25519/webcrypto.ts'

export {
  isAcceptablePublicKey,
  isAcceptableSignature,
  publicKeyLength,
  signatureLength,
} from './ed25519/acceptance.ts'

/** A private key that signs: kept where the caller wants it. */
export interface Ed25519Signer {
  /** The 32 bytes of RFC 8032. */
  readonly publicKey: Uint8Array
  /** The 64 bytes of RFC 8032 over `message`. */
  sign(message: Uint8Array): Uint8Array | Promise<Uint8Array>
}

/** Checks a signature: 32 bytes of key, the message, 64 bytes of signature. Never throws. */
export type Ed25519Verify = (
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
) => boolean | Promise<boolean>

/**
 * Checks an Ed25519 signature (RFC 8032 section 5.1.7, without the cofactor) with WebCrypto, or
 * with `@noble/ed25519`, loaded on first use, where WebCrypto has no Ed25519.
 *
 * `publicKey` has 32 bytes, `signature` 64. Refused keys and signatures give false. Rejects only
 * where that module is needed and can't be loaded.
 */
export async function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  if (!isAcceptableSignature(publicKey, signature)) return false
  // Copies: what a backend is given later must still be what was found acceptable here.
  const signed = [concatBytes(publicKey), concatBytes(message), concatBytes(signature)] as const
  if (await hasWebCrypto()) return verifyWithWebCrypto(...signed)
  const { verifyWithNoble } = await import('./ed25519/noble.ts')
  return verifyWithNoble(...signed)
}
