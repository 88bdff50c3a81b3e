import { type TimeAuthority, type TimestampVerdict, verifyTimestamp } from '@vaultmesh/tsp'
import type { Entry, EntryTimestamp } from '../entry.ts'
import type { TrustPolicy } from '../trust-policy.ts'
import { type Outcome, pass, stop } from './check.ts'
import type { TrustedSignature } from './trusted-signature.ts'

/** A time that a trusted authority attests for one signature. */
export interface Attestation {
  /** The index of the signature. */
  readonly over: number
  readonly time: Date
  readonly authority: TimeAuthority
}

interface Judged {
  readonly timestamp: EntryTimestamp
  readonly index: number
  readonly verdict: TimestampVerdict
}

function attestationOf({ timestamp, verdict }: Judged): Attestation | undefined {
  const { ok, genTime, authority } = verdict
  return ok && genTime !== undefined && authority !== undefined
    ? { over: timestamp.over, time: genTime, authority }
    : undefined
}

/** Whether the token is by an authority of which the policy knows nothing. */
function isStranger({ verdict }: Judged): boolean {
  return !verdict.ok && verdict.checks.some(({ status }) => status === 'untrusted')
}

function reasonOf({ verdict }: Judged): string {
  const failed = verdict.checks.find(({ status }) => status === 'fail')
  return failed === undefined ? 'does not verify' : `${failed.id}: ${failed.detail}`
}

/** Without a token over the signature, its time is the signer's word. */
export async function checkTimeToken(
  { timestamps }: Entry,
  valid: readonly TrustedSignature[],
  { require, timeAuthorities }: TrustPolicy,
): Promise<Outcome<readonly Attestation[]>> {
  // A token over a signature that does not count proves nothing, so it is not looked at.
  const judged: Judged[] = []
  for (const [index, timestamp] of timestamps.entries()) {
    const over = valid.find((signature) => signature.index === timestamp.over)
    if (over === undefined) continue
    const data = over.signature.sig
    const verdict = await verifyTimestamp(timestamp.der, { data, authorities: timeAuthorities })
    judged.push({ timestamp, index, verdict })
  }
  const attested = judged.flatMap((token) => attestationOf(token) ?? [])
  const strangers = judged.filter(isStranger)
  const warnings = judged.flatMap(({ verdict }) => verdict.warnings)
  const failed = judged.find((token) => !token.verdict.ok && !isStranger(token))
  if (failed !== undefined) {
    return stop('fail', `token ${failed.index}: ${reasonOf(failed)}`, warnings)
  }
  // Authorities are counted, not tokens: one that stamps twice is still one witness.
  const names = new Set(attested.map(({ authority }) => authority.name))
  if (names.size >= require.timestamps) {
    const by =
      names.size === 0 ? 'no time is attested, and none is required' : [...names].join(', ')
    return pass(names.size === 0 ? by : `stamped by ${by}`, attested, warnings)
  }
  const counts = `trusted time authorities: ${names.size} of the ${require.timestamps} required`
  return strangers.length > 0
    ? stop(
        'untrusted',
        `${counts}; tokens by authorities unknown to the policy: ${strangers.length}`,
      )
    : stop('missing', counts)
}
