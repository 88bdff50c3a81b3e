/** Runs the tests on another Node than the one that the workspace pins. */
import { delimiter, dirname, join } from 'node:path'
import type { NodeBinary } from './nodes.ts'
import { build } from './packs.ts'
import type { Outcome } from './step.ts'
import { runTests } from './vitest.ts'
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
  return runTests({
    node: node.path,
    args,
    env: {
      ...env,
      PATH: path.join(delimiter),
      VAULTMESH_EXPECT_NODE: node.version,
      VM_TEST_BIN: join(root, 'apps/cli/dist/vm.js'),
    },
    onOutput,
  })
}
