/** Every change to a published package is announced by a changeset. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseChangesetFile } from '@changesets/parse'
import { run } from '../lib/run.ts'
import { noneOf, type Outcome } from '../lib/step.ts'
import { root, type WorkspacePackage, workspacePackages } from '../lib/workspace.ts'

/** What the rules are given. Paths are relative to the repository. */
export interface ChangesetState {
  readonly packages: readonly WorkspacePackage[]
  /** The changesets by file name, as they stand in `.changeset`. */
  readonly changesets: ReadonlyMap<string, string>
  /** What this branch changed since it left the main one; undefined on the main one itself. */
  readonly changed?: readonly string[] | undefined
}

interface Named {
  readonly problems: string[]
  readonly names: Set<string>
}

function namedBy(file: string, text: string, packages: readonly WorkspacePackage[]): Named {
  const problems: string[] = []
  const names = new Set<string>()
  try {
    const { releases, summary } = parseChangesetFile(text)
    if (summary.trim() === '') problems.push(`.changeset/${file} says nothing`)
    for (const { name } of releases) {
      const known = packages.find((candidate) => candidate.name === name)
      if (known === undefined)
        problems.push(`.changeset/${file} names ${name}, which does not exist`)
      else if (known.manifest.private)
        problems.push(`.changeset/${file} names ${name}, which is private`)
      names.add(name)
    }
  } catch (error) {
    problems.push(`.changeset/${file} can't be read: ${String(error)}`)
  }
  return { problems, names }
}

/** Files of a package that its users never get. */
const unpublished = /^(?:test\/|build\.ts$|tsconfig\.json$|CHANGELOG\.md$)/

/**
 * The packages that a package bundles: only what is bundled is a development dependency on a
 * published package of ours, and what that depends on goes in with it.
 */
function bundledBy(
  { manifest }: WorkspacePackage,
  packages: readonly WorkspacePackage[],
): ReadonlySet<string> {
  const bundled = new Set<string>()
  const add = (names: Readonly<Record<string, string>> = {}): void => {
    for (const { name, manifest: its } of packages) {
      if (!(name in names) || its.private || bundled.has(name) || name === manifest.name) continue
      bundled.add(name)
      add(its.dependencies)
    }
  }
  if (manifest.private !== true) add(manifest.devDependencies)
  // What is installed beside it has its own versions.
  for (const name of Object.keys(manifest.dependencies ?? {})) bundled.delete(name)
  return bundled
}

/** What is wrong with the pending changesets. */
export function changesetProblems({ packages, changesets, changed }: ChangesetState): string[] {
  const problems: string[] = []
  const pending = new Set<string>()
  const onBranch = new Set<string>()
  for (const [file, text] of changesets) {
    const named = namedBy(file, text, packages)
    problems.push(...named.problems)
    for (const name of named.names) {
      pending.add(name)
      if (changed?.includes(`.changeset/${file}`)) onBranch.add(name)
    }
  }
  const bundlers = packages.map((item) => ({
    name: item.name,
    bundled: bundledBy(item, packages),
  }))
  for (const { name, directory, manifest } of packages) {
    if (manifest.private) continue
    // A package that never had a version gets its first one by a changeset.
    if (manifest.version === '0.0.0' && !pending.has(name)) {
      problems.push(`${name} was never released, and no changeset announces its first version`)
    }
    const touched = (changed ?? []).filter(
      (path) =>
        path.startsWith(`${directory}/`) && !unpublished.test(path.slice(directory.length + 1)),
    )
    if (touched.length > 0 && !onBranch.has(name)) {
      problems.push(`${name} changed (${touched[0]}), and no changeset of this branch names it`)
    }
    const source = touched.find((path) => path.startsWith(`${directory}/src/`))
    if (source === undefined) continue
    for (const bundler of bundlers) {
      if (!bundler.bundled.has(name) || onBranch.has(bundler.name)) continue
      problems.push(
        `${bundler.name} bundles ${name}, which changed (${source}), and no changeset of this branch names it`,
      )
    }
  }
  return problems
}

/** The changed files since this branch left `origin/main`; undefined where that can't be told. */
async function changedOnBranch(): Promise<string[] | undefined> {
  const branch = process.env['GITHUB_HEAD_REF'] ?? ''
  // The Version PR uses changesets up: it has none left.
  if (branch.startsWith('changeset-release/')) return undefined
  const base = await run('git', ['merge-base', 'origin/main', 'HEAD'])
  const head = await run('git', ['rev-parse', 'HEAD'])
  if (base.code !== 0 || head.code !== 0 || base.stdout === head.stdout) return undefined
  const since = base.stdout.trim()
  const { code, stdout } = await run('git', ['diff', '--name-only', '-z', since, 'HEAD'])
  return code === 0 ? stdout.split('\0').filter((path) => path !== '') : undefined
}

/** The step. */
export async function changesets(): Promise<Outcome> {
  const folder = join(root, '.changeset')
  const texts = new Map(
    readdirSync(folder)
      .filter((file) => file.endsWith('.md') && file !== 'README.md')
      .map((file) => [file, readFileSync(join(folder, file), 'utf8')]),
  )
  const changed = await changedOnBranch()
  const notes = changed === undefined ? ['no branch to compare: changed packages not checked'] : []
  const state = { packages: workspacePackages(), changesets: texts, changed }
  return noneOf(changesetProblems(state), notes)
}
