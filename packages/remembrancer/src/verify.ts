/**
 * Verification of proof bundles: no network, no clock, no `node:` import, so it runs in a browser.
 */
import { type Ed25519Verify, verifyEd25519 } from '@vaultmesh/merkle/ed25519'
import { checkBundleFormat } from './checks/bundle-format.ts'
import type { Check, CheckId, Outcome } from './checks/check.ts'
import { checkEntryFormat } from './checks/entry-format.ts'
import { checkLogCheckpoint } from './checks/log-checkpoint.ts'
import { checkLogInclusion } from './checks/log-inclusion.ts'
import { checkLogOrigin, claimedOrigin } from './checks/log-origin.ts'
import { checkLogWitnessed } from './checks/log-witnessed.ts'
import { checkRecordAfter } from './checks/record-after.ts'
import { checkRecordBody } from './checks/record-body.ts'
import { checkRecordFormat } from './checks/record-format.ts'
import { references } from './checks/references.ts'
import { checkSignatureKey } from './checks/signature-key.ts'
import { checkSignatureValid } from './checks/signature-valid.ts'
import { checkSignatureWindow } from './checks/signature-window.ts'
import { checkTimeIndependent } from './checks/time-independent.ts'
import { checkTimeToken } from './checks/time-token.ts'
import { formatTime, showable } from './formats/text.ts'
import type { TrustPolicy } from './trust-policy.ts'
import type { Verdict } from './verdict.ts'

export { maxBodyBytes, parseBody } from './body.ts'
export { type Bundle, maxBundleBytes, parseBundle } from './bundle.ts'
export { type BodyCheck, verifyBody } from './checks/body-file.ts'
export { type Check, type CheckId, type CheckStatus, checkIds } from './checks/check.ts'
export { type Entry, parseEntry, type SignatureAlgorithm } from './entry.ts'
export type { ResourceDescriptor } from './record.ts'
export {
  encodeTrustPolicy,
  type KeyRole,
  maxPolicyBytes,
  type ParsedPolicy,
  parseTrustPolicy,
  type Requirements,
  type TrustedKey,
  type TrustedLog,
  type TrustPolicy,
  trustPolicyFrom,
  type Validity,
} from './trust-policy.ts'
export type { RecordSummary, Verdict } from './verdict.ts'

type Given<Inputs extends readonly unknown[]> = { [K in keyof Inputs]: Inputs[K] | undefined }

class Verification {
  readonly checks: Check[] = []
  readonly warnings: string[] = []

  /**
   * Runs one check and reports it, once. An input that an earlier check should have given and did
   * not means that this one can't be judged.
   */
  async run<Inputs extends readonly NonNullable<unknown>[], T>(
    id: CheckId,
    check: (...inputs: Inputs) => Outcome<T> | Promise<Outcome<T>>,
    ...inputs: Given<Inputs>
  ): Promise<T | undefined> {
    const reference = references[id]
    const isGiven = (values: Given<Inputs>): values is Inputs & Given<Inputs> =>
      !values.includes(undefined)
    if (!isGiven(inputs)) {
      const detail = 'an earlier check, which this one needs, does not hold'
      this.checks.push({ id, status: 'skipped', reference, detail })
      return undefined
    }
    const { status, detail, value, warnings = [] } = await this.#attempt(check, inputs)
    // Details quote the input, and whoever made that may want to paint a verdict of their own.
    this.checks.push({ id, status, reference, detail: showable(detail) })
    if (status === 'warn') this.warnings.push(showable(detail))
    this.warnings.push(...warnings.map(showable))
    return value
  }

  async #attempt<Inputs extends readonly unknown[], T>(
    check: (...inputs: Inputs) => Outcome<T> | Promise<Outcome<T>>,
    inputs: Inputs,
  ): Promise<Outcome<T>> {
    try {
      return await check(...inputs)
    } catch (error) {
      // A verifier that throws would leave the caller without a verdict: what can't be judged fails.
      return { status: 'fail', detail: `this could not be judged: ${String(error)}` }
    }
  }
}

/** How a bundle is verified. */
export interface VerifyOptions {
  /**
   * Replaces the way in which the Ed25519 signatures of the record, its log and its witnesses are
   * checked. `nodeVerifyEd25519` of `@vaultmesh/merkle/node` gives the same verdict, faster.
   */
  readonly verify?: Ed25519Verify
}

/**
 * Verifies the bytes of a proof bundle against a policy.
 *
 * Gives every check of `checkIds`, once, in that order. Never throws on bad input.
 */
export async function verifyBundle(
  bytes: Uint8Array,
  policy: TrustPolicy,
  { verify = verifyEd25519 }: VerifyOptions = {},
): Promise<Verdict> {
  const v = new Verification()
  const bundle = await v.run('bundle.format', checkBundleFormat, bytes)
  const entry = await v.run('entry.format', checkEntryFormat, bundle)
  const record = await v.run('record.format', checkRecordFormat, entry)
  await v.run('record.body', checkRecordBody, record)
  const trusted = await v.run('signature.key', checkSignatureKey, entry, record, policy, verify)
  const valid = await v.run('signature.valid', checkSignatureValid, entry, trusted)
  const attested = await v.run('time.token', checkTimeToken, entry, valid, policy)
  await v.run('time.independent', checkTimeIndependent, attested, policy)
  const window = await v.run('signature.window', checkSignatureWindow, valid, attested)
  const log = await v.run('log.origin', checkLogOrigin, bundle, record, policy)
  const signed = await v.run('log.checkpoint', checkLogCheckpoint, bundle, log, verify)
  const included = await v.run('log.inclusion', checkLogInclusion, bundle, signed)
  await v.run('log.witnessed', checkLogWitnessed, signed, policy)
  await v.run('record.after', checkRecordAfter, record, bundle, included)

  const attestedAt = window?.attestedAt
  if (record !== undefined && attestedAt !== undefined && record.occurred > attestedAt) {
    const late = `the record says that it occurred at ${record.occurredAt}`
    v.warnings.push(`${late}, after it was stamped at ${formatTime(attestedAt)}`)
  }
  const ok = v.checks.every(({ status }) => status === 'pass' || status === 'warn')
  const verdict = { ok, checks: v.checks, warnings: v.warnings }
  if (bundle === undefined || record === undefined) return verdict
  const { id, kind, namespace, title, occurredAt, subject, predicate } = record
  return {
    ...verdict,
    record: {
      id,
      kind,
      namespace,
      title,
      occurredAt,
      ...(attestedAt === undefined ? {} : { attestedAt: formatTime(attestedAt) }),
      origin: claimedOrigin(bundle),
      index: bundle.proof.index.toString(),
      subject,
      predicate,
    },
  }
}
