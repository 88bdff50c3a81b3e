/** Changes the text of `trust/policy.yaml`, and keeps its comments. */
import { type Document, parseDocument } from 'yaml'
import { RemembrancerError } from '../errors.ts'
import { trustPolicyFrom } from '../trust-policy.ts'
import { parseYaml } from './config.ts'
import { parsePolicyFile } from './policy-file.ts'

/** A policy that is to be changed. */
export interface PolicyEdit {
  /** The text of the policy. */
  readonly text: string
  /** For messages. */
  readonly path: string
}

/**
 * The text after `change`.
 *
 * @throws RemembrancerError POLICY_INVALID where the policy did not hold before, or would not after
 */
export function editedPolicy(
  { text, path }: PolicyEdit,
  change: (document: Document.Parsed) => void,
): string {
  // What is there must be right before it is changed, and after.
  parsePolicyFile(text, path)
  const document = parseDocument(text, { logLevel: 'error' })
  change(document)
  const result = document.toString({ lineWidth: 0 })
  const parsed = trustPolicyFrom(parseYaml(result))
  if (parsed.ok) return result
  throw new RemembrancerError(
    'POLICY_INVALID',
    `The policy ${path} was left as it is, because it would not hold with this: ${parsed.problems.join('; ')}.`,
  )
}
