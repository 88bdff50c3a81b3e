import { formatTime } from '../formats/text.ts'
import type { Validity } from '../trust-policy.ts'
import { type Outcome, pass, stop } from './check.ts'
import type { Attestation } from './time-token.ts'
import type { TrustedSignature } from './trusted-signature.ts'

function earliest(times: readonly Date[]): Date | undefined {
  return times.reduce<Date | undefined>(
    (first, time) => (first === undefined || time < first ? time : first),
    undefined,
  )
}

/**
 * When a signature existed, as far as it is attested. A clock of the log's owner could be set back
 * into the window of an expired key, so it is asked only where nobody independent was.
 */
function attestedTime(index: number, attested: readonly Attestation[]): Date | undefined {
  const own = attested.filter(({ over }) => over === index)
  const independent = own.filter(({ authority }) => !authority.selfIssued)
  return earliest((independent.length > 0 ? independent : own).map(({ time }) => time))
}

function outside({ validFrom, validUntil }: Validity, time: Date): string | undefined {
  if (time < validFrom) return `is trusted only from ${formatTime(validFrom)}`
  if (validUntil !== undefined && time >= validUntil) {
    return `is trusted only until ${formatTime(validUntil)}`
  }
  return undefined
}

/** A key that had expired, or was not trusted yet, may be in other hands. Gives the attested time. */
export async function checkSignatureWindow(
  valid: readonly TrustedSignature[],
  attested: readonly Attestation[],
): Promise<Outcome<{ readonly attestedAt?: Date }>> {
  for (const { index, key, judge } of valid) {
    const time = attestedTime(index, attested)
    const name = `the key of ${key.name}`
    if (time === undefined && key.validUntil !== undefined) {
      return stop('missing', `${name} has an end, and no time is attested for signature ${index}`)
    }
    const problem = time === undefined ? undefined : outside(key, time)
    if (time !== undefined && problem !== undefined) {
      return stop('untrusted', `${name} ${problem}; it signed by ${formatTime(time)}`)
    }
    const objection = await judge(time)
    if (objection !== undefined) return stop(objection.status, `${name}: ${objection.detail}`)
  }
  const attestedAt = earliest(valid.flatMap(({ index }) => attestedTime(index, attested) ?? []))
  return attestedAt === undefined
    ? pass('the keys have no end, and no time is attested', {})
    : pass(`the keys were trusted at ${formatTime(attestedAt)}`, { attestedAt })
}
