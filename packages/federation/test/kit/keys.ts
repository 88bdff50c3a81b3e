/** Logs and witnesses whose keys are the same in every run. */
import { createHash, createPrivateKey, type KeyObject } from 'node:crypto'
import { ed25519Cosigner } from '@vaultmesh/merkle/cosignature'
import { ed25519NoteSigner, ed25519Signer } from '@vaultmesh/merkle/node'
import type { NoteSigner } from '@vaultmesh/merkle/note'
import { parsePolicy, type TlogPolicy } from '@vaultmesh/merkle/policy'

export type TestSigner = NoteSigner & { readonly vkey: string }

// PKCS#8 of an Ed25519 key (RFC 8410) up to its 32 bytes of seed.
const prefix = Buffer.from('302e020100300506032b657004220420', 'hex')

function keyOf(label: string): KeyObject {
  const seed = createHash('sha256').update(`federation test key: ${label}`).digest()
  return createPrivateKey({ key: Buffer.concat([prefix, seed]), format: 'der', type: 'pkcs8' })
}

/** The key of the log `origin`, or another one under its name. */
export function logSigner(origin: string, label = origin): TestSigner {
  return ed25519NoteSigner(origin, keyOf(label))
}

/** A witness that says it cosigned at `time`. */
export function witnessSigner(name: string, time = 1_700_000_000n): TestSigner {
  return ed25519Cosigner({ name, signer: ed25519Signer(keyOf(name)), now: () => time })
}

/** The text of a policy for logs, with witnesses `w0`, ... of which `threshold` are a quorum; 0: none. */
export function policyText(
  logs: readonly TestSigner[],
  witnesses: readonly TestSigner[] = [],
  threshold = 0,
): string {
  const names = witnesses.map((_, i) => `w${i}`)
  const lines = [
    ...logs.map(({ vkey }) => `log ${vkey}`),
    ...witnesses.map(({ vkey }, i) => `witness w${i} ${vkey}`),
    ...(threshold === 0 ? [] : [`group all ${threshold} ${names.join(' ')}`]),
    `quorum ${threshold === 0 ? 'none' : 'all'}`,
  ]
  return `${lines.join('\n')}\n`
}

/** The policy of {@link policyText}, read. */
export function policyOf(...parts: Parameters<typeof policyText>): TlogPolicy {
  const parsed = parsePolicy(policyText(...parts))
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.policy
}
