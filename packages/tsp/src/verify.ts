/** Verifies a token: runs every check, in order, and reports all of them. */
import type { Facts } from './checks/check.ts'
import { checks } from './checks/index.ts'
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
  const given = { token, options }
  let facts: Partial<Facts> = {}
  const reports: TimestampCheck[] = []
  for (const check of checks) {
    const result = await check.run(given, facts)
    facts = { ...facts, ...result.facts }
    reports.push(result.check)
  }
  const ok = reports.every(({ status }) => status === 'pass' || status === 'warn')
  const warnings = reports.filter(({ status }) => status === 'warn').map(({ detail }) => detail)
  const { genTime, chosen } = facts
  if (!ok || genTime === undefined || chosen === undefined) {
    return { ok: false, checks: reports, warnings }
  }
  return {
    ok,
    checks: reports,
    warnings,
    genTime: new Date(genTime.latest),
    genTimeText: formatInstant(genTime.latest),
    authority: chosen.authority,
  }
}
