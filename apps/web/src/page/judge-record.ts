/** Judges proofs of records. */
import {
  parseBody,
  type TrustPolicy,
  trustPolicyFrom,
  verifyBody,
  verifyBundle,
} from '@vaultmesh/remembrancer/verify'
import { readClaims } from './claims.ts'
import type { ExplainedId } from './explain.ts'
import type { HeldFile } from './held-file.ts'
import {
  isHolding,
  nobodyTrusted,
  objections,
  type Report,
  type ShownCheck,
  withoutPolicy,
} from './report.ts'

/** The checks that ask the proof alone, or the file beside it. */
const ofProofAlone: readonly ExplainedId[] = [
  'bundle.format',
  'entry.format',
  'record.format',
  'record.body',
  'body.file',
]

/** What trusts nobody: what can be said of a proof without a policy is what this one can't refuse. */
function policyOfNobody(): TrustPolicy {
  const parsed = trustPolicyFrom({
    keys: [],
    logs: [],
    mediaType: 'application/vnd.vaultmesh.policy.v0+json',
    require: { independentTime: false, signatures: 1, timestamps: 0, witnesses: false },
    timeAuthorities: [],
  })
  if (!parsed.ok) throw new Error(parsed.problems.join('; '))
  return parsed.policy
}

function bodyText({ bytes }: HeldFile): string {
  const body = parseBody(bytes)
  return body.ok ? body.value.text : '(the body is not text)'
}

interface Judged extends Pick<Report, 'record'> {
  readonly checks: readonly ShownCheck[]
  readonly warnings: readonly string[]
}

async function judgeBoth(
  proof: HeldFile,
  body: HeldFile | undefined,
  policy: TrustPolicy,
): Promise<Judged> {
  const { checks: ofBundle, warnings, record } = await verifyBundle(proof.bytes, policy)
  const bodyCheck = body && verifyBody(body.bytes, record?.subject)
  const checks: readonly ShownCheck[] = bodyCheck ? [...ofBundle, bodyCheck] : ofBundle
  if (record === undefined) return { checks, warnings }
  const held = (id: ExplainedId): ShownCheck | undefined =>
    checks.find((check) => check.id === id && isHolding(check))
  const signed = held('signature.valid') && held('signature.key')
  return {
    checks,
    warnings,
    record: {
      summary: record,
      claims: readClaims(proof.bytes),
      ...(signed && { signedBy: signed.detail }),
      ...(body && held('body.file') && { body: bodyText(body) }),
    },
  }
}

/** Judges a proof, and the body of its record where one is given; without a policy, what is left. */
export async function judgeRecord(
  proof: HeldFile,
  body: HeldFile | undefined,
  policy: TrustPolicy | undefined,
): Promise<Report> {
  const judged = await judgeBoth(proof, body, policy ?? policyOfNobody())
  const { checks, warnings, record } = judged
  const shown = record && { record }
  if (policy === undefined) {
    return nobodyTrusted('A proof', withoutPolicy(checks, ofProofAlone), { ...shown })
  }
  if (!checks.every(isHolding)) {
    const headline = 'Not verified. Do not rely on this record.'
    return { outcome: 'failed', headline, notes: objections(checks), checks, ...shown }
  }
  const notes = [
    'The record below is what was signed, by whom, and when, as far as you trust this policy.',
    ...warnings.map((warning) => `Weak: ${warning}.`),
  ]
  return { outcome: 'verified', headline: 'Verified.', notes, checks, ...shown }
}
