/** What becomes of a file after the spawn. */
import { isMembers } from '../json.ts'
import { pathProblem } from '../paths.ts'

/** Every policy; the template guide says what each means. */
export const policies = ['lock', 'managed', 'once', 'seed'] as const

/** What becomes of a file after the spawn. */
export type Policy = (typeof policies)[number]

/** A policy for one path, or, where the path ends in `/`, for all under it. */
export interface PolicyRule {
  readonly path: string
  readonly policy: Policy
}

/** Whether a value is the name of a policy. */
export function isPolicy(value: unknown): value is Policy {
  return policies.some((policy) => policy === value)
}

/** Whether a rule speaks about a path. */
export function ruleMatches(rule: PolicyRule, path: string): boolean {
  return rule.path.endsWith('/') ? path.startsWith(rule.path) : path === rule.path
}

/** The policy of a path: that of the longest rule that matches, else `managed`. */
export function policyOf(path: string, rules: readonly PolicyRule[]): Policy {
  let best: PolicyRule | undefined
  for (const rule of rules) {
    if (ruleMatches(rule, path) && rule.path.length > (best?.path.length ?? 0)) best = rule
  }
  return best?.policy ?? 'managed'
}

/** Reads the member `policies` of a `template.yaml`, a mapping of path to policy. */
export function parsePolicies(value: unknown, complain: (problem: string) => void): PolicyRule[] {
  if (value === undefined) return []
  if (!isMembers(value)) {
    complain('policies must be a mapping of path to policy')
    return []
  }
  const rules: PolicyRule[] = []
  for (const [path, policy] of Object.entries(value)) {
    const problem = pathProblem(path.endsWith('/') ? path.slice(0, -1) : path)
    if (problem !== undefined) complain(`policies: ${JSON.stringify(path)}: ${problem}`)
    else if (isPolicy(policy)) rules.push({ path, policy })
    else complain(`policies: ${path} must be one of ${policies.join(', ')}`)
  }
  return rules
}
