/** Several tokens over one thing: how many authorities attest it, and how far apart. */
import { encodeHex } from './bytes.ts'
import { checks } from './checks/index.ts'
import { TspError } from './errors.ts'
import {
  hashSubject,
  imprintAlgorithm,
  type SubjectDigests,
  type SubjectOptions,
} from './subject.ts'
import { formatInstant } from './time.ts'
import type { TimestampCheckStatus, TimestampVerdict, VerifyOptions } from './verdict.ts'
import { type Judged, runChecks } from './verify.ts'

/** How many authorities are needed. */
export interface QuorumRule {
  /** That many different authorities must have stamped: 1 or more. */
  readonly threshold: number
  /** How far apart their times may be, in milliseconds; 300,000 (five minutes) if absent. */
  readonly maxSkew?: number | undefined
}

/** What every token is held to. */
export type TokenRule = Pick<VerifyOptions, 'at' | 'authorities' | 'policy' | 'revocation' | 'role'>

/** What the tokens are compared with, and what is asked of them. */
export interface QuorumOptions extends SubjectOptions, TokenRule, QuorumRule {}

/** The ids of a quorum's own checks, in order. */
export const quorumCheckIds = ['quorum.threshold', 'quorum.skew'] as const

/** One check of a quorum. */
export interface QuorumCheck {
  readonly id: (typeof quorumCheckIds)[number]
  readonly status: Exclude<TimestampCheckStatus, 'untrusted'>
  readonly reference: string
  /** For people. */
  readonly detail: string
}

/** The verdict over several tokens. */
export interface QuorumVerdict {
  /** Whether both checks hold. */
  readonly ok: boolean
  readonly checks: readonly QuorumCheck[]
  /** The verdict over each token, in the order in which they were given. */
  readonly tokens: readonly TimestampVerdict[]
  /** What is weak, for people: warnings of the tokens that hold, and tokens that do not. */
  readonly warnings: readonly string[]
  /** The names of the authorities that agree, in the order of their times. Empty unless `ok`. */
  readonly authorities: readonly string[]
  /**
   * When the data existed at the latest: the last of the times that agree. It is true while fewer
   * than `threshold` authorities lie. Only if `ok`.
   */
  readonly genTime?: Date
  /** `genTime` as RFC 3339. Only if `ok`. */
  readonly genTimeText?: string
}

/**
 * Verifies several bare tokens over one thing. Never throws because of a token. Throws
 * {@link TspError} `INVALID_ARGUMENT` for a rule that is none, or for not exactly one of `data`,
 * `stream` and `digests`.
 */
export async function verifyQuorum(
  tokens: readonly Uint8Array[],
  options: QuorumOptions,
): Promise<QuorumVerdict> {
  checkQuorumRule(options)
  const names = tokens.map((token) => imprintAlgorithm(token) ?? 'SHA-256')
  return judgeQuorum(tokens, await hashSubject(options, names), options)
}

/** Throws {@link TspError} `INVALID_ARGUMENT` for a rule that is none. */
export function checkQuorumRule({ threshold, maxSkew = 0 }: QuorumRule): void {
  if (!Number.isSafeInteger(threshold) || threshold < 1 || !(maxSkew >= 0)) {
    throw new TspError('INVALID_ARGUMENT', 'threshold is a whole number from 1, maxSkew from 0')
  }
}

/** {@link verifyQuorum}, of what was hashed. */
export async function judgeQuorum(
  tokens: readonly Uint8Array[],
  digests: SubjectDigests,
  { at, authorities, policy, revocation, role, ...rule }: TokenRule & QuorumRule,
): Promise<QuorumVerdict> {
  const rules = { at, authorities, policy, revocation, role }
  const judged: Judged[] = []
  for (const token of tokens) {
    const digest = digests.get(imprintAlgorithm(token) ?? 'SHA-256') ?? new Uint8Array()
    judged.push(await runChecks(checks, token, { ...rules, digest }))
  }
  const verdicts = judged.map(({ verdict }) => verdict)
  const warnings = verdicts.flatMap((verdict, index) =>
    verdict.ok ? verdict.warnings : [`token ${index} does not hold`],
  )
  return { ...agree(witnessesOf(judged), rule), tokens: verdicts, warnings }
}

/** One authority, and the times that it attests. */
interface Witness {
  readonly names: Set<string>
  readonly keys: Set<string>
  readonly times: number[]
}

/**
 * Puts together the tokens that one party could have made alone: those under one name, and those
 * whose paths share a key, be it a signer's or a CA's, under whatever names.
 */
function witnessesOf(judged: readonly Judged[]): Witness[] {
  let witnesses: Witness[] = []
  for (const { verdict, path } of judged) {
    const { authority, genTime } = verdict
    if (authority === undefined || genTime === undefined) continue
    const keys = path.map(({ spki }) => encodeHex(spki.raw))
    const isSame = (other: Witness) =>
      other.names.has(authority.name) || keys.some((key) => other.keys.has(key))
    const same = witnesses.filter(isSame)
    const merged = {
      names: new Set([...same.flatMap(({ names }) => [...names]), authority.name]),
      keys: new Set([...same.flatMap((other) => [...other.keys]), ...keys]),
      times: [...same.flatMap(({ times }) => times), genTime.getTime()],
    }
    witnesses = [...witnesses.filter((other) => !isSame(other)), merged]
  }
  return witnesses
}

function agree(
  witnesses: readonly Witness[],
  { threshold, maxSkew = 300_000 }: QuorumRule,
): Omit<QuorumVerdict, 'tokens' | 'warnings'> {
  const count = `${witnesses.length} authorities, ${threshold} needed`
  const enough = witnesses.length >= threshold
  const found = enough ? firstAgreement(witnesses, threshold, maxSkew) : undefined
  const reference = "the caller's policy"
  const report: QuorumCheck[] = [
    { id: 'quorum.threshold', status: enough ? 'pass' : 'fail', reference, detail: count },
    {
      id: 'quorum.skew',
      status: enough ? (found === undefined ? 'fail' : 'pass') : 'skipped',
      reference,
      detail: !enough
        ? 'too few authorities'
        : found === undefined
          ? `no ${threshold} authorities are within ${maxSkew} ms`
          : `${found.length} authorities are within ${maxSkew} ms`,
    },
  ]
  if (found === undefined) return { ok: false, checks: report, authorities: [] }
  const latest = Math.max(...found.map(({ time }) => time))
  return {
    ok: true,
    checks: report,
    authorities: found.map(({ names }) => [...names].join(' = ')),
    genTime: new Date(latest),
    genTimeText: formatInstant(latest),
  }
}

interface Attested {
  readonly names: ReadonlySet<string>
  readonly time: number
}

/** The earliest times of enough authorities that lie within `maxSkew`; each authority once. */
function firstAgreement(
  witnesses: readonly Witness[],
  threshold: number,
  maxSkew: number,
): readonly Attested[] | undefined {
  const starts = witnesses.flatMap(({ times }) => times).sort((a, b) => a - b)
  for (const start of starts) {
    const within = witnesses.flatMap(({ names, times }) => {
      const fitting = times.filter((time) => time >= start && time <= start + maxSkew)
      return fitting.length === 0 ? [] : [{ names, time: Math.min(...fitting) }]
    })
    if (within.length >= threshold) return within.sort((a, b) => a.time - b.time)
  }
  return undefined
}
