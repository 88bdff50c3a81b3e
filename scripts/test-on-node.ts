/**
 * `node scripts/test-on-node.ts VERSION [--node PATH] [vitest arguments]`: runs the tests on that
 * Node: an exact version, `lower-bound` or `newest` (see tools/nodes), or the binary at PATH.
 */
import { parseArgs } from 'node:util'
import { findNode } from './lib/nodes.ts'
import { commandLine } from './lib/run.ts'
import { testOnNode } from './lib/test-on-node.ts'

const { values, tokens } = parseArgs({
  args: commandLine(),
  options: { node: { type: 'string' } },
  allowPositionals: true,
  strict: false,
  tokens: true,
})
// Whatever is not ours is vitest's, as it was written.
const rest = tokens.flatMap((token) => {
  if (token.kind === 'positional') return [token.value]
  if (token.kind === 'option' && token.name !== 'node') {
    return token.value === undefined ? [token.rawName] : [`${token.rawName}=${token.value}`]
  }
  return []
})
const [wanted, ...args] = rest

if (wanted === undefined) {
  process.stderr.write('usage: test-on-node.ts VERSION [--node PATH] [vitest arguments]\n')
  process.exitCode = 2
} else {
  const binary = typeof values.node === 'string' ? values.node : undefined
  const node = await findNode(wanted, binary)
  process.stdout.write(`Node ${node.version}: ${node.path}\n`)
  const { ok, output } = await testOnNode(node, args, {}, (text) => process.stdout.write(text))
  if (!ok) process.stderr.write(`${output.split('\n').slice(-3).join('\n')}\n`)
  process.exitCode = ok ? 0 : 1
}
