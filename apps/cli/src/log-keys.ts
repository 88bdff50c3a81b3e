/** The keys of logs that a user names on the command line. */
import { parseVkey } from '@vaultmesh/merkle/note'
import { parsePolicy, type TlogPolicy } from '@vaultmesh/merkle/policy'
import { VmError } from './errors.ts'

/**
 * The keys by the origin of their log.
 *
 * @throws {VmError} `VM_USAGE` for what is no key of a log
 */
export function byOrigin(vkeys: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const vkey of new Set(vkeys)) {
    const origin = parseVkey(vkey)?.name
    if (origin === undefined || !parsePolicy(policyText([vkey])).ok) {
      throw new VmError('VM_USAGE', `--log-key is no verifier key of a log: ${vkey}`, {
        hint: 'give the whole line, such as example.com/log+01234567+AQ…',
      })
    }
    found.set(origin, [...(found.get(origin) ?? []), vkey])
  }
  return found
}

/** A tlog-policy that believes these keys of a log, and asks for no witness. */
export function policyText(vkeys: readonly string[]): string {
  return `${vkeys.map((vkey) => `log ${vkey}`).join('\n')}\nquorum none\n`
}

/** A tlog-policy with further keys of its log, after those that it has. */
export function withKeys(text: string, vkeys: readonly string[]): string {
  const parsed = parsePolicy(text)
  const known = parsed.ok ? parsed.policy.logs.map(({ vkey }) => vkey) : []
  const added = vkeys.filter((vkey) => !known.includes(vkey)).map((vkey) => `log ${vkey}`)
  const lines = text.split('\n')
  const last = lines.findLastIndex((line) => /^\s*log\s/.test(line))
  return lines.toSpliced(last + 1, 0, ...added).join('\n')
}

/** The policy of each log whose keys are named, by origin. @throws {VmError} as `byOrigin` */
export function policiesOf(vkeys: readonly string[]): ReadonlyMap<string, TlogPolicy> {
  return new Map(
    [...byOrigin(vkeys)].flatMap(([origin, keys]) => {
      const parsed = parsePolicy(policyText(keys))
      return parsed.ok ? [[origin, parsed.policy] as const] : []
    }),
  )
}
