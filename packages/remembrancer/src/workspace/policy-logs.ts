/** The tlog-policy of a log in the text of `trust/policy.yaml`. */
import { isMap, isSeq, parseDocument, type YAMLMap } from 'yaml'
import { RemembrancerError } from '../errors.ts'
import { editedPolicy, type PolicyEdit } from './policy-edit.ts'

function requireLog(logs: unknown, { path }: PolicyEdit, origin: string): YAMLMap {
  const maps = isSeq(logs) ? logs.items.filter((item) => isMap(item)) : []
  const log = maps.find((item) => item.get('origin') === origin)
  if (log !== undefined) return log
  throw new RemembrancerError('POLICY_INVALID', `${path} allows no log ${origin}.`)
}

/**
 * The tlog-policy of a log, as it is written.
 *
 * @throws RemembrancerError POLICY_INVALID where the policy has no log of this origin
 */
export function logPolicyText(edit: PolicyEdit, origin: string): string {
  const document = parseDocument(edit.text, { logLevel: 'error' })
  return String(requireLog(document.get('logs'), edit, origin).get('policy'))
}

/**
 * The text of the policy with another tlog-policy for a log.
 *
 * @throws RemembrancerError POLICY_INVALID, also where the policy has no log of this origin
 */
export function withLogPolicy(edit: PolicyEdit, origin: string, policy: string): string {
  return editedPolicy(edit, (document) => {
    requireLog(document.get('logs'), edit, origin).set('policy', policy)
  })
}
