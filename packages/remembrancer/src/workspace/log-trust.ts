/** Edits the keys of logs in the text of `trust/policy.yaml`. */
import { isMap, isSeq } from 'yaml'
import { RemembrancerError } from '../errors.ts'
import { editedPolicy, type PolicyEdit } from './policy-edit.ts'

/**
 * Trusts a further key of a log that the policy allows: adds its line to the log's tlog-policy,
 * after those of the keys that are trusted already.
 *
 * @throws RemembrancerError POLICY_INVALID, also where the policy has no log of this origin
 */
export function withLogKey(edit: PolicyEdit, origin: string, vkey: string): string {
  return editedPolicy(edit, (document) => {
    const logs = document.get('logs')
    const maps = isSeq(logs) ? logs.items.filter((item) => isMap(item)) : []
    const log = maps.find((item) => item.get('origin') === origin)
    if (log === undefined) {
      throw new RemembrancerError('POLICY_INVALID', `${edit.path} allows no log ${origin}.`)
    }
    const lines = String(log.get('policy')).split('\n')
    const last = lines.findLastIndex((line) => /^\s*log\s/.test(line))
    log.set('policy', lines.toSpliced(last + 1, 0, `log ${vkey}`).join('\n'))
  })
}
