/** Runs the tests on another Node than the one that the workspace pins. */
import { delimiter, dirname, join } from 'node:path'
import type { NodeBinary } from './nodes.ts'
import { build } from './packs.ts'
import type { Outcome } from './step.ts'
import { runTests, type TestRun } from './vitest.ts'
import { root } from './workspace.ts'

/**
 * Runs `vitest run ARGS` on `node`. A test asserts `process.version`, of its own process and of a
 * `node` that it starts. The CLI's tests run the built `vm`, because the oldest Node can't run
 * TypeScript by itself.
 */
export async function testOnNode(
  node: NodeBinary,
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  onOutput: (text: string) => void,
): Promise<Outcome> {
  await build()
  const path = [dirname(node.path), join(root, 'node_modules/.bin'), process.env['PATH'] ?? '']
  return runTwice({
    node: node.path,
    args,
    env: {
      VAULTMESH_SEED: String(Date.now() | 0),
      ...env,
      PATH: path.join(delimiter),
      VAULTMESH_EXPECT_NODE: node.version,
      VM_TEST_BIN: join(root, 'apps/cli/dist/vm.js'),
    },
    onOutput,
  })
}

/** More failures than that are no accident of the machine. */
const maxFailures = 3

/**
 * Runs the files of a few failed tests once more, alone. Every test has passed on the workspace's
 * Node, with new seeds; here the seed stays the same, so a property that does not hold fails again,
 * and so does whatever the other Node does differently. What passes then is named all the same.
 */
async function runTwice(tests: TestRun): Promise<Outcome> {
  const first = await runTests(tests)
  const files = new Set(first.failures.map(({ name }) => name.split(' > ')[0] ?? name))
  const isFile = [...files].every((file) => file.endsWith('.test.ts'))
  if (first.ok || files.size === 0 || !isFile || first.failures.length > maxFailures) return first
  const second = await runTests({ ...tests, args: [...files] })
  if (!second.ok) return first
  const { passed = 0, failed = 0, skipped = 0 } = first.counts ?? {}
  return {
    ok: true,
    output: first.output,
    notes: [...(first.notes ?? []), 'these passed when they were run again'],
    counts: { passed: passed + failed, failed: 0, skipped },
  }
}
