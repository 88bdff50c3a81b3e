/** Keys that are the same in every run: no private key has to be kept. */
import { createHash, createPrivateKey, type KeyObject } from 'node:crypto'

// PKCS#8 of an Ed25519 key (RFC 8410) up to its 32 bytes of seed.
const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

/** An Ed25519 key whose seed is the SHA-256 of a label. */
export function ed25519Key(label: string): KeyObject {
  const seed = createHash('sha256').update(`vaultmesh test key: ${label}`).digest()
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' })
}
