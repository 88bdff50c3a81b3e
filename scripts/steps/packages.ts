/** What the published packages look like to npm, to Node and to TypeScript. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { build, type Packed, packAll, packFolder } from '../lib/packs.ts'
import { output, run } from '../lib/run.ts'
import { type Outcome, outcomeOf } from '../lib/step.ts'
import { root } from '../lib/workspace.ts'

type Check = { name: string; problem?: string | undefined }

async function ran(name: string, program: string, args: readonly string[]): Promise<Check> {
  const ended = await run(program, args)
  return { name, problem: ended.code === 0 ? undefined : ended.output.trim() }
}

/** The files in a tarball, without the folder that npm puts around them. */
async function filesIn(tarball: string): Promise<string[]> {
  const listed = await output('tar', ['-tzf', tarball])
  return listed
    .trim()
    .split('\n')
    .map((path) => path.replace(/^package\//, ''))
}

/**
 * Compiled files whose source is gone: `tsc -b` leaves them in `dist`. Only for packages that ship
 * their sources; a bundle has no counterpart, and neither has a folder of them, with its digests.
 */
export function staleFiles(files: readonly string[]): string[] {
  const sources = new Set(files.filter((path) => path.startsWith('src/')))
  if (sources.size === 0) return []
  const sums = /SHA256SUMS$/
  const bundles = files.filter((path) => sums.test(path)).map((path) => path.replace(sums, ''))
  return files.filter((path) => {
    if (bundles.some((folder) => path.startsWith(folder))) return false
    const [, name] = /^dist\/(.*?)(?:\.d)?\.[jt]s(?:\.map)?$/.exec(path) ?? []
    return name !== undefined && !sources.has(`src/${name}.ts`) && !sources.has(`src/${name}.tsx`)
  })
}

async function contents({ package: { directory, name }, tarball }: Packed): Promise<Check> {
  const files = await filesIn(tarball)
  const stale = staleFiles(files)
  const unwanted = files.filter(
    (path) => !path.startsWith('templates/') && /\.tsbuildinfo$|^test\/|\.test\.|^\.env/.test(path),
  )
  const missing = ['README.md', 'LICENSE', 'package.json'].filter((path) => !files.includes(path))
  const problems = [
    ...stale.map((path) => `${path} has no source any more; remove ${directory}/dist and build`),
    ...unwanted.map((path) => `${path} must not be published`),
    ...missing.map((path) => `${path} is missing`),
  ]
  return { name: `contents of ${name}`, problem: problems.join('\n') || undefined }
}

/** A package with nothing to import but its manifest has no types to check. */
function hasEntryPoints({ package: { manifest } }: Packed): boolean {
  return Object.keys(manifest.exports ?? {}).some((key) => key !== './package.json')
}

async function checksOf(item: Packed): Promise<Check[]> {
  const { name } = item.package
  const checks = [
    await contents(item),
    await ran(`publint ${name}`, 'publint', ['run', item.tarball, '--strict']),
  ]
  if (hasEntryPoints(item)) {
    const profile = ['--profile', 'esm-only', '--no-color']
    checks.push(await ran(`attw ${name}`, 'attw', [item.tarball, ...profile]))
  }
  return checks
}

/** The step. */
export async function packages(): Promise<Outcome> {
  await build()
  const packed = await packAll(packFolder)
  const licence = existsSync(join(root, 'LICENSE'))
  const checks: Check[] = licence ? [] : [{ name: 'LICENSE', problem: 'the repository has none' }]
  for (const item of packed) checks.push(...(await checksOf(item)))
  return outcomeOf(checks)
}
