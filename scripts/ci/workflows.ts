/** actionlint and zizmor on our workflows, offline. */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { program, type Step } from '../lib/step.ts'
import { root } from '../lib/workspace.ts'

const folder = '.github/workflows'

/** One step for each linter. Findings of any severity fail. */
export function workflowSteps(): Step[] {
  const files = readdirSync(join(root, folder)).map((name) => `${folder}/${name}`)
  return [
    // Without its optional helpers, so that the answer is the same on every machine.
    program('actionlint', ['actionlint', '-no-color', '-shellcheck=', '-pyflakes=', ...files]),
    program('zizmor', [
      'zizmor',
      '--offline',
      '--no-progress',
      '--color=never',
      '--persona=pedantic',
      '.github',
    ]),
  ]
}
