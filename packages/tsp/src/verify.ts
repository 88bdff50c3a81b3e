/** Verifies a token: runs every check, in order, and reports all of them. */
import type { Facts, RunnableCheck } from './checks/check.ts'
import { checks } from './checks/index.ts'
import type { CertificatePath } from './path.ts'
import { formatInstant } from './time.ts'
import type { TimestampCheck, TimestampVerdict, VerifyOptions } from './verdict.ts'

/**
 * Verifies a bare TimeStampToken (DER, at most 64 KiB) against what the caller holds and trusts.
 *
 * Needs no network and no clock: certificates are judged at the token's own `genTime`, which the
 * windows and pins of `authorities` bound. Never throws because of `token`; what is wrong with it
 * is a check that is not `pass`.
 */
export async function verifyTimestamp(
  token: Uint8Array,
  options: VerifyOptions,
): Promise<TimestampVerdict> {
  return (await runChecks(checks, token, options)).verdict
}

/** A verdict, and the path that it rests on. */
export interface Judged {
  readonly verdict: TimestampVerdict
  /** From the signer to the anchor. Only if the verdict is `ok`. */
  readonly path: CertificatePath
}

/** Runs these checks, in this order: the tests take out one at a time, to show that each is needed. */
export async function runChecks(
  list: readonly RunnableCheck[],
  token: Uint8Array,
  options: VerifyOptions,
): Promise<Judged> {
  const given = { token, options }
  let facts: Partial<Facts> = {}
  const reports: TimestampCheck[] = []
  for (const check of list) {
    const result = await check.run(given, facts)
    facts = { ...facts, ...result.facts }
    reports.push(result.check)
  }
  const ok = reports.every(({ status }) => status === 'pass' || status === 'warn')
  const warnings = reports.filter(({ status }) => status === 'warn').map(({ detail }) => detail)
  const { genTime, chosen } = facts
  if (!ok || genTime === undefined || chosen === undefined) {
    return { verdict: { ok: false, checks: reports, warnings }, path: [] }
  }
  const verdict = {
    ok,
    checks: reports,
    warnings,
    genTime: new Date(genTime.latest),
    genTimeText: formatInstant(genTime.latest),
    authority: chosen.authority,
  }
  return { verdict, path: chosen.path }
}
