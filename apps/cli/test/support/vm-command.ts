/** How the tests start `vm`. */
import { fileURLToPath } from 'node:url'

const application = new URL('../../', import.meta.url)

function fromApplication(path: string): string {
  return fileURLToPath(new URL(path, application))
}

/** Node runs TypeScript by itself from 22.18 on. */
function runsTypeScript(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > 22 || (major === 22 && minor >= 18)
}

/**
 * The program and the words that start `vm`: the bundle that `VM_TEST_BIN` names, else the sources,
 * else, on a Node that can't run them, the built bundle.
 */
export function vmCommand(): readonly [string, ...string[]] {
  const bundle = process.env['VM_TEST_BIN']
  if (bundle !== undefined) return [process.execPath, bundle]
  if (!runsTypeScript()) return [process.execPath, fromApplication('dist/vm.js')]
  return [
    process.execPath,
    '--conditions=@vaultmesh/source',
    // Node 22 says of every TypeScript file that running it is experimental.
    '--disable-warning=ExperimentalWarning',
    fromApplication('src/vm.ts'),
  ]
}
