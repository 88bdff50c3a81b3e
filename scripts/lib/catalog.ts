/** The catalog of development tools in pnpm-workspace.yaml. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './workspace.ts'

/** The version that the catalog gives for a package. */
export function catalog(name: string): string {
  const text = readFileSync(join(root, 'pnpm-workspace.yaml'), 'utf8')
  const [, section = ''] = text.split(/^catalog:\n/m)
  for (const line of section.split('\n')) {
    const [, key, version] = /^ {2}"?([^":]+)"?: (\S+)$/.exec(line) ?? []
    if (key === name && version !== undefined) return version
  }
  throw new Error(`pnpm-workspace.yaml has no ${name} in its catalog`)
}
