/** Verifies a chain of renewed timestamps. */
import { type DigestName, digestBytes } from '../digest.ts'
import {
  checkQuorumRule,
  judgeQuorum,
  type QuorumRule,
  type QuorumVerdict,
  type TokenRule,
} from '../quorum.ts'
import {
  hashSubject,
  imprintAlgorithm,
  type SubjectDigests,
  type SubjectOptions,
} from '../subject.ts'
import type { RevocationOptions } from '../verdict.ts'
import type { ChainLink, TimestampChain } from './format.ts'
import { renewalMessage } from './message.ts'

/** What a chain is compared with, and what is asked of each of its links. */
export interface ChainOptions extends SubjectOptions, Omit<TokenRule, 'policy'>, QuorumRule {}

/** The verdict over a chain. */
export interface ChainVerdict {
  /** Whether every link holds. */
  readonly ok: boolean
  /** The verdict over each link, the oldest first. */
  readonly links: readonly QuorumVerdict[]
  /** What is weak, for people. */
  readonly warnings: readonly string[]
  /** When the data existed at the latest: the time of the first link. Only if `ok`. */
  readonly genTime?: Date
  /** `genTime` as RFC 3339. Only if `ok`. */
  readonly genTimeText?: string
}

/**
 * Verifies a chain: the newest link as any tokens are (at `at`, if that is given), and each older
 * one as of the time of the next, with the revocation lists that were kept then besides the
 * caller's. Throws as `verifyQuorum` does, never because of what the chain holds.
 */
export async function verifyTimestampChain(
  { links }: TimestampChain,
  options: ChainOptions,
): Promise<ChainVerdict> {
  checkQuorumRule(options)
  const names = links.flatMap(({ tokens }) => tokens.map(algorithmOf))
  const digests = await hashSubject(options, names)
  const verdicts: QuorumVerdict[] = []
  let { at } = options
  for (const [index, link] of [...links.entries()].reverse()) {
    const next = links[index + 1]
    const verdict = await judgeQuorum(link.tokens, await stamped(links, index, digests), {
      ...options,
      at,
      revocation: withKept(options.revocation, next),
    })
    verdicts.unshift(verdict)
    // Without a time for this link, nothing says when the one before had to be good.
    at = verdict.genTime ?? new Date(Number.NaN)
  }
  const warnings = verdicts.flatMap((verdict) => verdict.warnings)
  const ok = verdicts.length > 0 && verdicts.every((verdict) => verdict.ok)
  const { genTime, genTimeText } = verdicts[0] ?? {}
  if (!ok || genTime === undefined || genTimeText === undefined) {
    return { ok: false, links: verdicts, warnings }
  }
  return { ok, links: verdicts, warnings, genTime, genTimeText }
}

/** The digest algorithm of a token; of one that can't be read, any: it fails anyway. */
export function algorithmOf(token: Uint8Array): DigestName {
  return imprintAlgorithm(token) ?? 'SHA-256'
}

/** What the tokens of a link stamp, by the algorithm of each: the data, or what a renewal covers. */
async function stamped(
  links: readonly ChainLink[],
  index: number,
  digests: SubjectDigests,
): Promise<SubjectDigests> {
  const { tokens = [], revocation = [] } = links[index] ?? {}
  if (index === 0) return digests
  const found = new Map<DigestName, Uint8Array>()
  for (const name of new Set(tokens.map(algorithmOf))) {
    const data = digests.get(name)
    if (data === undefined) continue
    const message = await renewalMessage(links.slice(0, index), revocation, data, name)
    found.set(name, await digestBytes(name, message))
  }
  return found
}

/** A list that came with the chain may show that a certificate was revoked; it is never required. */
function withKept(
  given: RevocationOptions | undefined,
  next: ChainLink | undefined,
): RevocationOptions | undefined {
  const kept = next?.revocation ?? []
  if (kept.length === 0) return given
  return {
    lists: [...kept, ...(given?.lists ?? [])],
    required: given?.required ?? given !== undefined,
  }
}
