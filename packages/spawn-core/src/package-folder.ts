import { createRequire } from 'node:module'
import { dirname } from 'node:path'

/**
 * The folder of this package as it is installed, with its templates. Asked for by name: where the
 * code is bundled into another package, the files stay here.
 */
export function packageFolder(): string {
  const require = createRequire(import.meta.url)
  return dirname(require.resolve('@vaultmesh/spawn-core/package.json'))
}
