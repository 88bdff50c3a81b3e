/** From a plan to files. Pure: no clock, no random numbers, no file system. */
import type { Answers } from '../answers.ts'
import { SpawnError } from '../errors.ts'
import { byCodeUnit, decodeUtf8 } from '../json.ts'
import { softwareBill } from '../manifest/sbom.ts'
import type { Plan, PlannedFile, TemplateIdentity } from '../plan.ts'
import type { Mode } from '../template/load.ts'
import type { Policy } from '../template/policies.ts'
import type { Verification } from '../template/verification.ts'
import { answersFile } from './answers-file.ts'
import { renderEjs } from './ejs.ts'

/** A file, ready to be written. */
export interface RenderedFile {
  readonly bytes: Uint8Array
  readonly mode: Mode
  readonly policy: Policy
}

/** A whole service in memory: all of it but its manifest. */
export interface Rendered {
  readonly service: string
  readonly template: TemplateIdentity
  readonly answers: Answers
  readonly pins: Readonly<Record<string, string>>
  readonly verify: Verification
  /** By path, sorted. */
  readonly files: ReadonlyMap<string, RenderedFile>
}

const encoder = new TextEncoder()

function renderFile(file: PlannedFile, plan: Plan): Uint8Array {
  if (!file.rendered) return file.source
  const source = decodeUtf8(file.source)
  if (source === undefined) {
    throw new SpawnError('RENDER_FAILED', `${file.path}.ejs is no UTF-8.`)
  }
  return encoder.encode(renderEjs(source, file.path, plan))
}

/**
 * Renders every file of a plan, and adds `.vm/answers.yaml` and, where there is a
 * `package-lock.json`, `.vm/sbom.cdx.json`. The same plan gives the same bytes.
 *
 * Throws `RENDER_FAILED` with the file and the line.
 */
export function render(plan: Plan): Rendered {
  const files = new Map<string, RenderedFile>()
  files.set('.vm/answers.yaml', { bytes: answersFile(plan), mode: '644', policy: 'managed' })
  for (const file of plan.files) {
    const bytes = renderFile(file, plan)
    files.set(file.path, { bytes, mode: file.mode, policy: file.policy })
  }
  const lock = files.get('package-lock.json')
  if (lock !== undefined) {
    files.set('.vm/sbom.cdx.json', { bytes: softwareBill(lock.bytes), mode: '644', policy: 'lock' })
  }
  const { service, template, answers, pins, verify } = plan
  const sorted = [...files].sort(([a], [b]) => byCodeUnit(a, b))
  return { service, template, answers, pins, verify, files: new Map(sorted) }
}
