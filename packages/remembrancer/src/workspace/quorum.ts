/** How much a quorum of witnesses asks for, in words and in numbers. */
import { noQuorum, type TlogPolicy } from '@vaultmesh/merkle/policy'

/** What a quorum is made of. A witness is in it once at most (C2SP tlog-policy). */
type Part =
  | { readonly kind: 'witness'; readonly name: string }
  | { readonly kind: 'group'; readonly threshold: number; readonly members: readonly Part[] }

function partOf(policy: TlogPolicy, name: string): Part {
  const group = policy.groups.find((each) => each.name === name)
  if (group === undefined) return { kind: 'witness', name }
  const members = group.members.map((member) => partOf(policy, member))
  return { kind: 'group', threshold: group.threshold, members }
}

function words(part: Part): string {
  if (part.kind === 'witness') return part.name
  const { threshold, members } = part
  const inner = members
    .map((member) => (member.kind === 'witness' ? member.name : `(${words(member)})`))
    .join(', ')
  if (members.length === 1) return inner
  return threshold === members.length
    ? `all of ${inner}`
    : `${threshold} of ${members.length}: ${inner}`
}

/** The quorum of a policy for people: `none`, a witness's name, or such as `2 of 3: a, b, c`. */
export function describeQuorum(policy: TlogPolicy): string {
  return policy.quorum === noQuorum ? 'none' : words(partOf(policy, policy.quorum))
}

/** How many witnesses a part has, and how many of them may have cosigned without it being met. */
interface Strength {
  readonly witnesses: number
  readonly short: number
}

function strengthOf(part: Part): Strength {
  if (part.kind === 'witness') return { witnesses: 1, short: 0 }
  const { threshold, members } = part
  const strengths = members.map(strengthOf)
  const witnesses = strengths.reduce((sum, each) => sum + each.witnesses, 0)
  // Not met where this many members are not; the cheapest are those that lack the fewest witnesses.
  const lacking = strengths
    .map((each) => each.witnesses - each.short)
    .sort((a, b) => a - b)
    .slice(0, members.length - threshold + 1)
    .reduce((sum, each) => sum + each, 0)
  return { witnesses, short: witnesses - lacking }
}

/**
 * The number of any of the policy's witnesses that is sure to meet its quorum: 0 where it asks for
 * none. Fewer may meet it too, if they are the right ones.
 */
export function sureQuorum(policy: TlogPolicy): number {
  if (policy.quorum === noQuorum) return 0
  const { witnesses, short } = strengthOf(partOf(policy, policy.quorum))
  return policy.witnesses.length - witnesses + short + 1
}
