/** What a golden vector of a fork proof is, and how ones that no writer would make are made. */
import { decodeUtf8, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import {
  type Branch,
  type Contradiction,
  type Divergence,
  encodeForkProof,
  type ForkCheckId,
  type ForkCheckStatus,
  type ForkProof,
} from '../../src/index.ts'
import { makeFork, type TestFork } from '../kit/fork.ts'
import { logSigner, policyText, witnessSigner } from '../kit/keys.ts'

export const origin = 'example.com/vm/payments'
export const log = logSigner(origin)
export const otherLog = logSigner('other.example/log')
export const witnesses = ['w0.example', 'w1.example', 'w2.example'].map((name) =>
  witnessSigner(name),
)

/** The policies that vectors are judged by: tlog-policy text. */
export const policies = {
  open: policyText([log]),
  quorum: policyText([log], witnesses, 2),
  'other-log': policyText([otherLog]),
  'both-logs': policyText([log, otherLog]),
  'other-key': policyText([logSigner(origin, 'the next key')]),
} as const

export interface VectorCase {
  readonly name: string
  readonly policy: keyof typeof policies
  /** One sentence: why the verdict must be this one. */
  readonly why: string
  /** The check that does not hold; none for a good vector. */
  readonly failing?: readonly [ForkCheckId, ForkCheckStatus]
  readonly make: () => Promise<Uint8Array>
}

/** The fork that most vectors are about: heads of 5 and 9 leaves, of which 3 are common. */
export function fork(): Promise<TestFork> {
  return makeFork(log, [5, 9], 3)
}

export type Change = (proof: ForkProof) => ForkProof

/** The proof of that fork, with one change. */
export async function changed(change: Change): Promise<Uint8Array> {
  return encodeForkProof(change((await fork()).proof))
}

/** The text of that proof's file, with one change. */
export async function withText(change: (json: string) => string): Promise<Uint8Array> {
  const text = decodeUtf8((await fork()).bytes) ?? ''
  const other = change(text)
  if (other === text) throw new Error('nothing was changed')
  return encodeUtf8(other)
}

export function inContradiction(change: (c: Contradiction) => Partial<Contradiction>): Change {
  return (proof) => {
    if (proof.contradiction === undefined) throw new Error('no contradiction')
    return { ...proof, contradiction: { ...proof.contradiction, ...change(proof.contradiction) } }
  }
}

export function inDivergence(change: (d: Divergence) => Partial<Divergence>): Change {
  return (proof) => {
    if (proof.divergence === undefined) throw new Error('no divergence')
    return { ...proof, divergence: { ...proof.divergence, ...change(proof.divergence) } }
  }
}

export function inBranch(at: 0 | 1, change: (b: Branch) => Partial<Branch>): Change {
  return inDivergence(({ branches: [a, b] }) => ({
    branches: at === 0 ? [{ ...a, ...change(a) }, b] : [a, { ...b, ...change(b) }],
  }))
}

export function inHead(at: 0 | 1, change: (checkpoint: string) => string): Change {
  return (proof) => {
    const [a, b] = proof.heads
    const head = { ...proof.heads[at], checkpoint: change(proof.heads[at].checkpoint) }
    return { ...proof, heads: at === 0 ? [head, b] : [a, head] }
  }
}

export function without(member: 'contradiction' | 'divergence'): Change {
  return ({ [member]: _, ...rest }) => rest
}

/** A hash with one bit flipped. */
export function flip(hash: Uint8Array): Uint8Array {
  return hash.with(7, (hash[7] ?? 0) ^ 1)
}
