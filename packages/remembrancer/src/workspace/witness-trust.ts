/** Adds witnesses to the tlog-policy of a log in the text of `trust/policy.yaml`. */
import { noQuorum, parsePolicy, type TlogPolicy } from '@vaultmesh/merkle/policy'
import { RemembrancerError } from '../errors.ts'
import type { PolicyEdit } from './policy-edit.ts'
import { logPolicyText, withLogPolicy } from './policy-logs.ts'
import { describeQuorum, sureQuorum } from './quorum.ts'

/** A witness of a log. */
export interface NewWitness {
  /** Its name within the log's tlog-policy. */
  readonly name: string
  /** Of type 4. */
  readonly vkey: string
  /** The URL below which it answers `add-checkpoint`. */
  readonly url: string
  /** So many of all witnesses must cosign; without it, this one must beside those that had to. */
  readonly threshold?: number | undefined
}

/** What became of the quorum of a log. */
export interface QuorumChange {
  /** In words: `none`, a witness's name, or such as `2 of 3: a, b, c`. */
  readonly before: string
  readonly after: string
  /** Whether a checkpoint may pass now with cosignatures that were not enough before. */
  readonly isWeaker: boolean
}

function read(text: string, path: string): TlogPolicy {
  const parsed = parsePolicy(text)
  if (parsed.ok) return parsed.policy
  const why = `it would not hold with this: the policy of the log: ${parsed.detail}`
  throw new RemembrancerError('POLICY_INVALID', `${path} was left as it is, because ${why}.`)
}

function itemsOf(line: string): string[] {
  return line.trim().split(/\s+/)
}

function isLine(...keywords: readonly string[]): (line: string) => boolean {
  return (line) => keywords.includes(itemsOf(line)[0] ?? '')
}

/** The lines with the witness's among them, in place of the one that it has. */
function withWitnessLine(lines: readonly string[], { name, vkey, url }: NewWitness): string[] {
  const added = `witness ${name} ${vkey} ${url}`
  const own = lines.findIndex(
    (line) => isLine('witness')(line) && itemsOf(line)[1] === name && itemsOf(line)[2] === vkey,
  )
  if (own !== -1) return lines.with(own, added)
  return lines.toSpliced(lines.findLastIndex(isLine('log', 'witness')) + 1, 0, added)
}

function withQuorum(lines: readonly string[], ...quorum: readonly string[]): string[] {
  return lines.toSpliced(lines.findIndex(isLine('quorum')), 1, ...quorum)
}

function unusedName({ witnesses, groups }: TlogPolicy, wanted: string): string {
  const taken = new Set([...witnesses, ...groups].map(({ name }) => name))
  let name = wanted
  for (let i = 2; taken.has(name); i += 1) name = `${wanted}-${i}`
  return name
}

/** The lines with a quorum that asks for the witness beside whom it asks for already. */
function joinedQuorum(lines: readonly string[], policy: TlogPolicy, name: string): string[] {
  if (policy.quorum === noQuorum) return withQuorum(lines, `quorum ${name}`)
  const group = unusedName(policy, `with-${name}`)
  return withQuorum(lines, `group ${group} all ${policy.quorum} ${name}`, `quorum ${group}`)
}

/** The lines with a quorum of so many of all witnesses, in place of all groups. */
function countedQuorum(lines: readonly string[], policy: TlogPolicy, threshold: number): string[] {
  const names = lines.filter(isLine('witness')).map((line) => itemsOf(line)[1])
  const group = unusedName({ ...policy, groups: [] }, 'witnesses')
  const others = lines.filter((line) => !isLine('group')(line))
  return withQuorum(others, `group ${group} ${threshold} ${names.join(' ')}`, `quorum ${group}`)
}

/** A quorum changed by this module is weaker where fewer witnesses are sure to meet it. */
function quorumChange(before: TlogPolicy, after: TlogPolicy): QuorumChange {
  const added = after.witnesses.length - before.witnesses.length
  const sureBefore = before.quorum === noQuorum ? 0 : sureQuorum(before) + added
  return {
    before: describeQuorum(before),
    after: describeQuorum(after),
    isWeaker: sureQuorum(after) < sureBefore,
  }
}

/**
 * Lets a log be witnessed by one more witness: adds it to the log's tlog-policy, and to the quorum.
 * A witness that is there with this name and key gets the URL, and the quorum stays, unless
 * `threshold` says how many are needed.
 *
 * @throws RemembrancerError POLICY_INVALID, also where the policy has no log of this origin
 */
export function withWitness(
  edit: PolicyEdit,
  origin: string,
  witness: NewWitness,
): { readonly text: string; readonly change: QuorumChange } {
  const { name, vkey, url, threshold } = witness
  // A line break would begin a line of the policy that nobody asked for.
  if (![name, vkey, url].every((item) => /^[!-~]+$/.test(item))) {
    throw new RemembrancerError(
      'POLICY_INVALID',
      `A witness's name, key and URL are plain ASCII without spaces, unlike ${JSON.stringify([name, vkey, url])}.`,
    )
  }
  const written = logPolicyText(edit, origin)
  const before = read(written, edit.path)
  const isKnown = before.witnesses.some((known) => known.name === name && known.vkey === vkey)
  let lines = withWitnessLine(written.split('\n'), witness)
  if (threshold !== undefined) lines = countedQuorum(lines, before, threshold)
  else if (!isKnown) lines = joinedQuorum(lines, before, name)
  const after = lines.join('\n')
  const change = quorumChange(before, read(after, edit.path))
  return { text: withLogPolicy(edit, origin, after), change }
}
