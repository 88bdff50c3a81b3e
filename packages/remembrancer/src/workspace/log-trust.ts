/** Edits the keys of logs in the text of `trust/policy.yaml`. */
import type { PolicyEdit } from './policy-edit.ts'
import { logPolicyText, withLogPolicy } from './policy-logs.ts'

/**
 * Trusts a further key of a log that the policy allows: adds its line to the log's tlog-policy,
 * after those of the keys that are trusted already.
 *
 * @throws RemembrancerError POLICY_INVALID, also where the policy has no log of this origin
 */
export function withLogKey(edit: PolicyEdit, origin: string, vkey: string): string {
  const lines = logPolicyText(edit, origin).split('\n')
  const last = lines.findLastIndex((line) => /^\s*log\s/.test(line))
  return withLogPolicy(edit, origin, lines.toSpliced(last + 1, 0, `log ${vkey}`).join('\n'))
}
