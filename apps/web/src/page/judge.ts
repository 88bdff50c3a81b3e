/** Judges what the page was given, and says so in words. No page is needed for this. */
import { parseTrustPolicy, type TrustPolicy } from '@vaultmesh/remembrancer/verify'
import { readClaims } from './claims.ts'
import type { HeldFile } from './held-file.ts'
import type { judgeFork } from './judge-fork.ts'
import { judgeRecord } from './judge-record.ts'
import { type Report, refused } from './report.ts'

/** What the page holds. */
export interface Held {
  readonly proof?: HeldFile
  readonly policy?: HeldFile
  readonly body?: HeldFile
}

/** What judging needs from outside. */
export interface Surroundings {
  /** Loads what judges fork proofs; rejects where it can't be loaded, like the next one. */
  readonly loadForks: () => Promise<{ readonly judgeFork: typeof judgeFork }>
  /** Loads what verifies OpenPGP signatures. */
  readonly loadOpenPgp: () => Promise<unknown>
}

/** A policy that was given, read; a report where it can't be. */
export function readPolicy(file: HeldFile): TrustPolicy | Report {
  const parsed = parseTrustPolicy(file.bytes)
  return parsed.ok
    ? parsed.policy
    : refused('Nothing was verified: the trust policy can not be read.', parsed.problems)
}

function needsOpenPgp(proof: HeldFile, policy: TrustPolicy): boolean {
  const isOpenPgp = ({ algorithm }: { readonly algorithm: string }): boolean =>
    algorithm === 'openpgp'
  return policy.keys.some(isOpenPgp) && readClaims(proof.bytes).signatures.some(isOpenPgp)
}

function notLoaded(what: string): Report {
  return refused('Nothing was verified: a part of this page could not be loaded.', [
    `What checks ${what} is loaded when it is first needed, and the server could not be reached. Reload the page, and try again.`,
  ])
}

async function judgeProof(
  proof: HeldFile,
  trust: TrustPolicy | undefined,
  body: HeldFile | undefined,
  { loadForks, loadOpenPgp }: Surroundings,
): Promise<Report> {
  if (proof.format === 'fork') {
    if (body !== undefined) {
      return refused('Nothing was verified: a fork proof has no body.', [
        'A body belongs to the proof of a record. Let go of the one that you added.',
      ])
    }
    const forks = await loadForks().catch(() => undefined)
    return forks === undefined ? notLoaded('fork proofs') : forks.judgeFork(proof, trust)
  }
  if (trust !== undefined && needsOpenPgp(proof, trust)) {
    const openpgp = await loadOpenPgp().catch(() => undefined)
    if (openpgp === undefined) return notLoaded('OpenPGP signatures')
  }
  return judgeRecord(proof, body, trust)
}

/**
 * Judges what is held; undefined where that is no proof yet. Never throws on bad input.
 *
 * `problems` are sentences about files that were given and not taken: as long as there are any,
 * nothing is judged, so that nobody takes the verdict on an earlier file for theirs.
 */
export async function judge(
  { proof, policy, body }: Held,
  problems: readonly string[],
  surroundings: Surroundings,
): Promise<Report | undefined> {
  const [first, ...others] = problems
  if (first !== undefined) return refused(`Nothing was verified. ${first}`, others)
  const trust = policy && readPolicy(policy)
  if (trust !== undefined && 'outcome' in trust) return trust
  if (proof === undefined) return undefined
  const report = await judgeProof(proof, trust, body, surroundings)
  if (report.outcome !== 'verified' || policy?.chosen === true) return report
  return {
    ...report,
    linkedPolicy: true,
    headline: 'Verified only for the trust policy that the link chose.',
    notes: [
      'Whoever made the link chose whom is trusted here, and can make anything hold so. Add the policy of somebody whom you trust, or compare the SHA-256 of this one with that of yours.',
      ...report.notes,
    ],
  }
}
