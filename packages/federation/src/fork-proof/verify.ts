/** Verifies fork proofs: no network, no clock, no state. */
import { type Ed25519Verify, verifyEd25519 } from '@vaultmesh/merkle/ed25519'
import { parseVkey } from '@vaultmesh/merkle/note'
import type { TlogPolicy } from '@vaultmesh/merkle/policy'
import { type HeadStanding, openHead, type SignedHead, standingOf } from '../head.ts'
import { type Claim, checkContradiction, checkDivergence } from './claims.ts'
import { forkId } from './id.ts'
import { parseForkProof } from './parse.ts'
import type { ForkProof, ProvenFork } from './types.ts'
import {
  type ForkCheck,
  type ForkCheckId,
  type ForkCheckStatus,
  type ForkVerdict,
  forkCheckIds,
} from './verdict.ts'

/** Whose keys a verifier believes: the policy for the log of an origin, undefined where it has none. */
export type TrustOf = (origin: string) => TlogPolicy | undefined

/** Trust in one policy: for the origins that its log keys are named after, and no others. */
export function trustIn(policy: TlogPolicy): TrustOf {
  const origins = new Set(policy.logs.map(({ vkey }) => parseVkey(vkey)?.name))
  return (origin) => (origins.has(origin) ? policy : undefined)
}

/** How a fork proof is verified. */
export interface VerifyForkOptions {
  /** Replaces the way in which Ed25519 signatures are checked. */
  readonly verify?: Ed25519Verify
}

const references: Readonly<Record<ForkCheckId, string>> = {
  'fork.format': 'docs/formats/federation.md; RFC 8785; c2sp.org/tlog-checkpoint',
  'fork.origin': 'c2sp.org/tlog-policy',
  'fork.signatures': 'c2sp.org/signed-note; c2sp.org/tlog-checkpoint',
  'fork.contradiction': 'RFC 6962 section 2.1.2',
  'fork.divergence': 'RFC 6962 sections 2.1.1 and 2.1.2',
  'fork.witnessed': 'c2sp.org/tlog-cosignature; c2sp.org/tlog-policy',
}

class Report {
  readonly checks: ForkCheck[] = []

  add(id: ForkCheckId, status: ForkCheckStatus, detail: string): void {
    this.checks.push({ id, status, reference: references[id], detail: showable(detail) })
  }

  /** The verdict, with the checks that were not come to. */
  finish(proven: Pick<ForkVerdict, 'proof' | 'fork' | 'standing'>): ForkVerdict {
    const ok = this.checks.every(({ status }) => status === 'pass' || status === 'warn')
    for (const id of forkCheckIds.slice(this.checks.length)) {
      this.add(id, 'skipped', 'an earlier check, which this one needs, does not hold')
    }
    return { ok, checks: this.checks, ...proven }
  }
}

// Details quote origins and names: whoever chose them may want to paint a verdict of their own.
function showable(detail: string): string {
  const plain = detail
    .toWellFormed()
    .replaceAll(/[\p{Cc}\p{Cf}]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`)
  return plain.length > 400 ? `${plain.slice(0, 400).toWellFormed()}…` : plain
}

async function openHeads(
  { origin, heads }: ForkProof,
  policy: TlogPolicy,
  verify: Ed25519Verify,
): Promise<readonly [SignedHead, SignedHead] | string> {
  const first = await openHead(heads[0].checkpoint, origin, policy, verify)
  if (!first.ok) return `the first head: ${first.detail}`
  const second = await openHead(heads[1].checkpoint, origin, policy, verify)
  return second.ok ? [first.head, second.head] : `the second head: ${second.detail}`
}

function describeStanding(
  standing: readonly [HeadStanding, HeadStanding],
): readonly [ForkCheckStatus, string] {
  const [first, second] = standing.map(({ witnessed }) => witnessed)
  if (first === 'none-required') {
    const detail = 'the policy names no quorum: nothing beyond the common part is to be trusted'
    return ['warn', detail]
  }
  if (first === true && second === true) {
    return ['warn', 'a quorum cosigned both heads: witnesses were deceived, or took part']
  }
  if (first === true) return ['pass', 'a quorum cosigned the first head, and not the second']
  if (second === true) return ['pass', 'a quorum cosigned the second head, and not the first']
  return ['pass', 'no quorum cosigned either head']
}

/**
 * Verifies the bytes of a fork proof: that one log, whose key the verifier trusts, signed two heads
 * of which neither can have grown into the other.
 *
 * Keys come from `trustOf` and never from the proof. Never throws on bad input.
 */
export async function verifyForkProof(
  bytes: Uint8Array,
  trustOf: TrustOf,
  { verify = verifyEd25519 }: VerifyForkOptions = {},
): Promise<ForkVerdict> {
  const report = new Report()
  const parsed = parseForkProof(bytes)
  if (!parsed.ok) {
    report.add('fork.format', 'fail', parsed.detail)
    return report.finish({})
  }
  const { proof } = parsed
  const { origin } = proof
  report.add('fork.format', 'pass', `two heads of ${origin}`)

  const policy = trustOf(origin)
  if (policy === undefined) {
    report.add('fork.origin', 'untrusted', `no key of the log ${origin} is trusted here`)
    return report.finish({ proof })
  }
  report.add('fork.origin', 'pass', `there is a policy for ${origin}`)

  const heads = await openHeads(proof, policy, verify)
  if (typeof heads === 'string') {
    report.add('fork.signatures', 'fail', heads)
    return report.finish({ proof })
  }
  const [{ size: size1 }, { size: size2 }] = heads
  report.add('fork.signatures', 'pass', `the log signed both heads, of sizes ${size1} and ${size2}`)

  const contradiction = checkContradiction(proof)
  report.add('fork.contradiction', statusOf(contradiction), contradiction.detail)
  if (!contradiction.ok) return report.finish({ proof })

  const divergence = checkDivergence(proof) ?? {
    ok: true,
    detail: 'where the trees part is not shown, so no part of them is proven to be common',
  }
  const isShown = proof.divergence !== undefined
  report.add('fork.divergence', isShown ? statusOf(divergence) : 'warn', divergence.detail)
  if (!divergence.ok) return report.finish({ proof })

  const standing = [standingOf(heads[0], policy), standingOf(heads[1], policy)] as const
  report.add('fork.witnessed', ...describeStanding(standing))
  const fork: ProvenFork = { ...proof, id: forkId({ heads }), heads }
  return report.finish({ proof, fork, standing })
}

function statusOf({ ok }: Claim): ForkCheckStatus {
  return ok ? 'pass' : 'fail'
}
