/**
 * Which Ed25519 keys and signatures are judged at all.
 *
 * RFC 8032 leaves room, and backends differ: on points of small order, with which one signature
 * verifies for many messages, and on encodings that are not reduced. These are refused first, so
 * that the verdict is the same everywhere.
 */

const fieldPrime = 2n ** 255n - 19n
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n

/** The y of a point of order 8. */
const orderEightY = 2707385501144840649318225287225658788936804267575313519463743609750303402022n

/** The y of every point whose order divides 8. */
const smallOrderY: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  fieldPrime - 1n,
  orderEightY,
  fieldPrime - orderEightY,
])

function littleEndian(bytes: Uint8Array): bigint {
  return bytes.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
}

function isAcceptablePoint(encoded: Uint8Array): boolean {
  const y = BigInt.asUintN(255, littleEndian(encoded))
  return y < fieldPrime && !smallOrderY.has(y)
}

/** Whether key (32 bytes) and signature (64 bytes) are canonical and of no small order. */
export function isAcceptableEd25519(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return (
    signature.length === 64 &&
    isAcceptablePoint(publicKey) &&
    isAcceptablePoint(signature.subarray(0, 32)) &&
    littleEndian(signature.subarray(32)) < groupOrder
  )
}
