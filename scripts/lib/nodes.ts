/** Finds Node binaries of other versions than the one that runs this. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { output } from './run.ts'
import { type Manifest, readJson, root } from './workspace.ts'

/** A Node binary: its absolute path, and its version without `v`. */
export interface NodeBinary {
  readonly path: string
  readonly version: string
}

const folder = join(root, 'tools/nodes')

/** The names and exact versions that tools/nodes pins for this machine's architecture. */
function pinned(): { name: string; version: string }[] {
  const { optionalDependencies = {} } = readJson<Manifest>(join(folder, 'package.json'))
  const end = `-${process.arch}`
  return Object.entries(optionalDependencies)
    .filter(([name]) => process.platform === 'linux' && name.endsWith(end))
    .map(([name, range]) => ({
      name: name.slice(0, -end.length),
      version: range.slice(range.lastIndexOf('@') + 1),
    }))
}

async function versionOf(path: string): Promise<string> {
  return (await output(path, ['--version'])).trim().replace(/^v/, '')
}

/**
 * The Node for `wanted`: an exact version, `lower-bound`, `newest`, or `current` for the one that
 * runs this. Installs the pinned ones when they are first asked for. With `path`, that binary is
 * taken and only checked.
 */
export async function findNode(wanted: string, path?: string): Promise<NodeBinary> {
  const current = process.versions.node
  if (path !== undefined) {
    const version = await versionOf(path)
    if (wanted !== version) throw new Error(`${path} is Node ${version}, not ${wanted}`)
    return { path, version }
  }
  if (wanted === 'current' || wanted === current)
    return { path: process.execPath, version: current }
  const pin = pinned().find(({ name, version }) => wanted === name || wanted === version)
  if (pin === undefined) {
    const known = [current, ...pinned().map(({ version }) => version)].join(', ')
    throw new Error(`no Node ${wanted} is pinned here (${known}); pass --node PATH`)
  }
  const binary = join(folder, 'node_modules', `${pin.name}-${process.arch}`, 'bin/node')
  if (!existsSync(binary) || (await versionOf(binary)) !== pin.version) {
    await output('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder })
  }
  const version = await versionOf(binary)
  if (version !== pin.version) throw new Error(`${binary} is Node ${version}, not ${pin.version}`)
  return { path: binary, version }
}

/** The lower bound and the current Node, or the current one alone where nothing is pinned. */
export async function testedNodes(): Promise<NodeBinary[]> {
  const current = await findNode('current')
  return pinned().length === 0 ? [current] : [current, await findNode('lower-bound')]
}
