/** The plan of a spawn: which files, with which modes and policies, from which answers. Pure. */
import { type Answers, parseAnswers } from './answers.ts'
import type { Mode, Template } from './template/load.ts'
import { type Policy, policyOf } from './template/policies.ts'
import type { Verification } from './template/verification.ts'

/** The template that a spawn comes from. */
export interface TemplateIdentity {
  readonly id: string
  readonly version: string
  /** `sha256:` and hex. */
  readonly digest: string
}

/** A file to come. */
export interface PlannedFile {
  /** Path in the spawned repository. */
  readonly path: string
  readonly mode: Mode
  readonly policy: Policy
  /** Whether the source is an EJS template. */
  readonly rendered: boolean
  /** The template's bytes. */
  readonly source: Uint8Array
}

/** All that decides what is spawned. The same template and answers give the same plan. */
export interface Plan {
  readonly service: string
  readonly template: TemplateIdentity
  readonly answers: Answers
  readonly pins: Readonly<Record<string, string>>
  readonly verify: Verification
  /** Sorted by path. */
  readonly files: readonly PlannedFile[]
}

/**
 * Plans a spawn. `answers` come from outside: they are checked, and completed by defaults.
 *
 * Throws `NAME_INVALID` or `ANSWERS_INVALID`.
 */
export function plan(input: { readonly template: Template; readonly answers: unknown }): Plan {
  const { definition, digest, files } = input.template
  const answers = parseAnswers(input.answers, definition.questions)
  return {
    service: answers.name,
    template: { id: definition.id, version: definition.version, digest },
    answers,
    pins: definition.pins,
    verify: definition.verify,
    files: files.map(({ path, mode, rendered, bytes }) => ({
      path,
      mode,
      policy: policyOf(path, definition.policies),
      rendered,
      source: bytes,
    })),
  }
}
