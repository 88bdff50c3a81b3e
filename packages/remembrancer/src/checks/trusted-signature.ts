/** A signature and the key of the policy that its keyid names, whatever the algorithm. */
import type { Ed25519Verify } from '@vaultmesh/merkle/ed25519'
import type { EntrySignature } from '../entry.ts'
import { type KeyObjection, type OpenPgpKey, readOpenPgpKey } from '../openpgp/key.ts'
import { ed25519KeyId, type TrustedKey } from '../trust-policy.ts'

/** A signature that names a trusted key. */
export interface TrustedSignature {
  /** Its place in the envelope, which tokens refer to. */
  readonly index: number
  readonly signature: EntrySignature
  readonly key: TrustedKey
  /** The same for all signatures that count as one signer's. */
  readonly signer: string
  /** What is wrong with the signature over `data`, or undefined. */
  verify(data: Uint8Array): Promise<string | undefined>
  /** What the key itself (not the policy's window) has against a time. */
  judge(attested: Date | undefined): Promise<KeyObjection | undefined>
}

function withEd25519(
  index: number,
  signature: EntrySignature,
  keys: readonly TrustedKey[],
  verify: Ed25519Verify,
): TrustedSignature | undefined {
  const key = keys.find(({ publicKey }) => ed25519KeyId(publicKey) === signature.keyid)
  if (key === undefined) return undefined
  return {
    index,
    signature,
    key,
    signer: signature.keyid,
    async verify(data) {
      const holds = await verify(key.publicKey, data, signature.sig)
      return holds ? undefined : 'does not verify'
    },
    judge: () => Promise.resolve(undefined),
  }
}

// Parsing checks signatures of the key over itself, and an entry may hold many signatures.
const parsed = new WeakMap<TrustedKey, Promise<OpenPgpKey | undefined>>()

function parseOnce(key: TrustedKey): Promise<OpenPgpKey | undefined> {
  const held = parsed.get(key) ?? readOpenPgpKey(key.publicKey)
  parsed.set(key, held)
  return held
}

async function withOpenPgp(
  index: number,
  signature: EntrySignature,
  keys: readonly TrustedKey[],
): Promise<TrustedSignature | undefined> {
  const fingerprint = signature.keyid.slice('openpgp:'.length)
  for (const key of keys) {
    const held = await parseOnce(key)
    if (held?.fingerprints.includes(fingerprint) !== true) continue
    return {
      index,
      signature,
      key,
      signer: `openpgp:${held.fingerprint}`,
      verify: (data) => held.verify(fingerprint, data, signature.sig),
      judge: (attested) => held.judge(fingerprint, signature.sig, attested),
    }
  }
  return undefined
}

/**
 * The signature with the first of `keys` that its keyid names, or undefined. `verify` checks those
 * under Ed25519.
 */
export async function trustedSignature(
  index: number,
  signature: EntrySignature,
  keys: readonly TrustedKey[],
  verify: Ed25519Verify,
): Promise<TrustedSignature | undefined> {
  const { algorithm } = signature
  const candidates = keys.filter((key) => key.algorithm === algorithm)
  return algorithm === 'ed25519'
    ? withEd25519(index, signature, candidates, verify)
    : withOpenPgp(index, signature, candidates)
}
