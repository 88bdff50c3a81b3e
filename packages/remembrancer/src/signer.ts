/** Keys that sign records. A signature is over the DSSE pre-authentication encoding. */
import type { KeyObject } from 'node:crypto'
import { ed25519Signer } from '@vaultmesh/merkle/node'
import type { PrivateKey } from 'openpgp'
import { RemembrancerError } from './errors.ts'
import { ed25519KeyId } from './trust-policy.ts'

/** A key that signs. */
export interface RecordSigner {
  /** What the envelope names; see `docs/formats/entry.md`. */
  readonly keyid: string
  /** No signature is longer: entries are measured before anything is signed. */
  readonly maxSignatureBytes: number
  /** The signature over `data`: raw Ed25519, or one binary OpenPGP signature packet. */
  sign(data: Uint8Array): Promise<Uint8Array>
}

/** A signer with an Ed25519 private key. `publicKey` is the raw 32 bytes, for a trust policy. */
export function ed25519RecordSigner(
  privateKey: KeyObject,
): RecordSigner & { readonly publicKey: Uint8Array } {
  const { publicKey, sign } = ed25519Signer(privateKey)
  return {
    keyid: ed25519KeyId(publicKey),
    maxSignatureBytes: 64,
    publicKey,
    sign: (data) => Promise.resolve(sign(data)),
  }
}

/**
 * A signer with an OpenPGP private key, which must be decrypted. Signs with the key or subkey that
 * OpenPGP prefers at `now`; `clock` gives the time that the signature claims.
 *
 * @throws RemembrancerError SIGNER_FAILED where no key in it may sign.
 */
export async function openpgpSigner(
  privateKey: PrivateKey,
  clock: () => Date,
): Promise<RecordSigner> {
  const openpgp = await import('openpgp')
  const signingKey = await privateKey.getSigningKey(undefined, clock()).catch((cause) => {
    const message = 'This OpenPGP key holds no key that may sign now: it may have expired.'
    throw new RemembrancerError('SIGNER_FAILED', message, { cause })
  })
  if (!privateKey.isDecrypted()) {
    const message = 'This OpenPGP key is still encrypted: decrypt it with its passphrase first.'
    throw new RemembrancerError('SIGNER_FAILED', message)
  }
  return {
    keyid: `openpgp:${signingKey.getFingerprint()}`,
    // An RSA-8192 signature with its subpackets.
    maxSignatureBytes: 1536,
    async sign(data) {
      const message = await openpgp.createMessage({ binary: data })
      return openpgp.sign({
        message,
        signingKeys: privateKey,
        signingKeyIDs: signingKey.getKeyID(),
        detached: true,
        format: 'binary',
        date: clock(),
      })
    },
  }
}
