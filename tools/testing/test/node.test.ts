import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'

// A job that means to test another Node says which, because the workspace's own comes first on the
// PATH of every script. Without it, this test holds for any Node.
const expected = process.env['VAULTMESH_EXPECT_NODE'] ?? process.versions.node

it('the tests run on the Node that was asked for, and so do the programs they start', () => {
  expect(process.version).toBe(`v${expected}`)
  expect(execFileSync('node', ['--version'], { encoding: 'utf8' }).trim()).toBe(`v${expected}`)
})
