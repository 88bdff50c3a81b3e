/**
 * What `.ci/run` runs once the programs are there: `pnpm check`, the tests on other Nodes, fuzzing,
 * the linters of the workflows, the readers in other languages, a spawned service's linters, every
 * benchmark once, and the README's commands in a fresh clone. The last line is the sum: `N passed,
 * N failed, N skipped`.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { freshCloneSteps } from './ci/fresh-clone.ts'
import { fuzzSteps } from './ci/fuzz.ts'
import { interopSteps } from './ci/interop.ts'
import { workflowSteps } from './ci/workflows.ts'
import { readBudgets } from './lib/budgets.ts'
import { findNode } from './lib/nodes.ts'
import { output, pnpm } from './lib/run.ts'
import { runSteps } from './lib/run-steps.ts'
import { program, type Step } from './lib/step.ts'
import { testOnNode } from './lib/test-on-node.ts'
import { root } from './lib/workspace.ts'
import { steps } from './steps/index.ts'

// The properties were tried with new seeds and all their runs on the Node of the workspace.
const runs = process.env['VAULTMESH_RUNS'] ?? '25'

// The lower bound is a promise and gets every test. On the newest line the libraries are tried; the
// workflow Test runs the rest there.
const tested: Readonly<Record<string, readonly string[]>> = {
  'lower-bound': [],
  newest: ['packages/', 'tools/', 'apps/cli/test/vm', '--exclude=packages/spawn-core/test/**'],
}

function testsOn(wanted: string): Step {
  return {
    name: `test on ${wanted}`,
    run: async ({ onOutput }) => {
      const node = await findNode(wanted)
      const outcome = await testOnNode(
        node,
        tested[wanted] ?? [],
        { VAULTMESH_RUNS: runs },
        onOutput,
      )
      return { ...outcome, notes: [...(outcome.notes ?? []), `on Node ${node.version}`] }
    },
  }
}

/** The linters of what a template makes, on a service that is spawned for it. */
function templateSteps(): Step[] {
  const script = 'scripts/lint-template.ts'
  return existsSync(join(root, script)) ? [program('template', ['node', script])] : []
}

const tree = (): Promise<string> =>
  output('git', ['status', '--porcelain', '--untracked-files=all'])
const before = await tree()

const all: Step[] = [
  ...steps,
  testsOn('lower-bound'),
  testsOn('newest'),
  ...fuzzSteps(),
  ...workflowSteps(),
  ...interopSteps(),
  ...templateSteps(),
  program('bench peers', [...pnpm(), 'bench', '--peers']),
  program('bench smoke', [...pnpm(), 'bench', '--smoke']),
  ...freshCloneSteps(),
  {
    name: 'tree unchanged',
    run: async () => {
      const after = await tree()
      return { ok: after === before, output: `before:\n${before}after:\n${after}` }
    },
  },
]

const { counts, failed } = await runSteps(all, {
  write: (text) => process.stdout.write(text),
  now: () => performance.now(),
  budgets: readBudgets(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')),
  verbose: process.argv.includes('--verbose'),
})
if (failed.length > 0) process.stdout.write(`failed: ${failed.join(', ')}\n`)
process.stdout.write(
  `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
)
process.exitCode = failed.length > 0 ? 1 : 0
