/** Ed25519 by `@noble/ed25519`. A module of its own, so that a bundler takes no more of that than this. */
import { Point } from '@noble/ed25519'
import { concatBytes, equalBytes } from '../bytes.ts'
import { groupOrder, littleEndian } from './acceptance.ts'
import { sha512 } from './sha512.ts'

/** Checks [S]B = R + [k]A by comparing encodings, as WebCrypto and OpenSSL do. */
export function verifyWithNoble(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  const encodedR = signature.subarray(0, 32)
  const scalar = littleEndian(signature.subarray(32))
  const challenge = littleEndian(sha512(concatBytes(encodedR, publicKey, message))) % groupOrder
  try {
    const key = Point.fromBytes(publicKey)
    const expected = Point.BASE.multiplyUnsafe(scalar).subtract(key.multiplyUnsafe(challenge))
    return equalBytes(expected.toBytes(), encodedR)
  } catch {
    // The key is not a point of the curve.
    return false
  }
}
