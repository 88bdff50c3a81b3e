/**
 * The key in the first packet of a transferable public key (RFC 9580 section 5.5.2), read without
 * the OpenPGP library: a policy is read where no signature may ever need that.
 */
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { firstPacket } from './packet.ts'

const secretKeyTag = 5
const publicKeyTag = 6
const secretSubkeyTag = 7
const eddsaLegacy = 22

// Section 9.2: the curve's OID with its length; then 263 bits: 0x40 and the 32 bytes of the key.
const ed25519Curve = '092b06010401da470f01'
const ed25519Point = '010740'

function ed25519Legacy(material: Uint8Array): Uint8Array | string {
  if (!encodeHex(material.subarray(0, 10)).startsWith(ed25519Curve)) return material
  const isPoint =
    material.length === 45 && encodeHex(material.subarray(10, 13)).startsWith(ed25519Point)
  return isPoint ? material.subarray(13) : 'holds an Ed25519 key that is not 32 bytes'
}

/**
 * What makes a primary key the key that it is, or why the bytes are no public key, in words. The
 * framing, the version and the creation time are left out: with others it is still the same key.
 * For Ed25519 these are the raw 32 bytes.
 */
export function publicKeyMaterial(publicKey: Uint8Array): Uint8Array | string {
  const packet = firstPacket(publicKey)
  if (packet?.tag === secretKeyTag || packet?.tag === secretSubkeyTag) {
    return 'is a secret key, which must never be in a policy'
  }
  if (packet?.tag !== publicKeyTag) return 'does not begin with a binary OpenPGP public key'
  const { body } = packet
  // The version, four bytes of creation time, the algorithm; version 6 then says a length.
  const [version, , , , , algorithm] = body
  if (version !== 4 && version !== 6) return 'is not an OpenPGP key of version 4 or 6'
  const material = body.subarray(version === 4 ? 6 : 10)
  if (material.length === 0) return 'is an OpenPGP key that is cut off'
  return algorithm === eddsaLegacy ? ed25519Legacy(material) : material
}
