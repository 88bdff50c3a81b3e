/** Which keys and signatures are refused before any backend sees them. */

/** The length of a public key, in bytes. */
export const publicKeyLength = 32
/** The length of a signature, in bytes. */
export const signatureLength = 64

const fieldPrime = 2n ** 255n - 19n
/** The order of the group that the base point makes. */
export const groupOrder: bigint = 2n ** 252n + 27742317777372353535851937790883648493n

/** The y of one of the four points of order 8; minus it is the y of the other two pairs. */
const orderEightY = 2707385501144840649318225287225658788936804267575313519463743609750303402022n

/**
 * The y coordinates of the points whose order divides 8. With such a key one signature verifies
 * for many messages; with the identity, for all of them.
 */
const smallOrderY: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  fieldPrime - 1n,
  orderEightY,
  fieldPrime - orderEightY,
])

/** The number that `bytes` are, the least significant first; a multiple of 8 of them. */
export function littleEndian(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  let value = 0n
  for (let at = bytes.length - 8; at >= 0; at -= 8) {
    value = (value << 64n) | view.getBigUint64(at, true)
  }
  return value
}

/** Whether an encoded point has a reduced y and no small order. Both signs of x are covered. */
function isAcceptablePoint(encoded: Uint8Array): boolean {
  const y = BigInt.asUintN(255, littleEndian(encoded))
  return y < fieldPrime && !smallOrderY.has(y)
}

/**
 * Whether `publicKey` may be trusted with anything: 32 bytes, canonical, not of small order. Bytes
 * that are no point at all may pass; no signature verifies with them.
 */
export function isAcceptablePublicKey(publicKey: Uint8Array): boolean {
  return publicKey.length === publicKeyLength && isAcceptablePoint(publicKey)
}

/**
 * Whether key and signature have a shape that every backend judges alike: lengths of 32 and 64
 * bytes, points acceptable, and S below the group order (RFC 8032 section 5.1.7).
 */
export function isAcceptableSignature(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    isAcceptablePublicKey(publicKey) &&
    signature.length === signatureLength &&
    isAcceptablePoint(signature.subarray(0, 32)) &&
    littleEndian(signature.subarray(32)) < groupOrder
  )
}
