import { expect, it } from 'vitest'
import type { WorkspacePackage } from '../lib/workspace.ts'
import { changesetProblems } from '../steps/changesets.ts'

function fixture(name: string, version: string, isPrivate = false): WorkspacePackage {
  return {
    name: `@f/${name}`,
    directory: `packages/${name}`,
    kind: 'package',
    manifest: { name: `@f/${name}`, version, private: isPrivate },
  }
}

const packages = [fixture('a', '1.0.0'), fixture('b', '1.0.0'), fixture('tool', '0.0.0', true)]
const announcesA = "---\n'@f/a': minor\n---\n\nGives more.\n"

it('is content where nothing changed', () => {
  expect(changesetProblems({ packages, changesets: new Map() })).toEqual([])
})

it('wants a changeset of this branch for what this branch changed', () => {
  const changesets = new Map([['one.md', announcesA]])
  const changed = ['packages/a/src/x.ts', 'packages/b/README.md']
  expect(changesetProblems({ packages, changesets, changed })).toEqual([
    '@f/a changed (packages/a/src/x.ts), and no changeset of this branch names it',
    '@f/b changed (packages/b/README.md), and no changeset of this branch names it',
  ])
  expect(
    changesetProblems({ packages, changesets, changed: ['.changeset/one.md', ...changed] }),
  ).toEqual(['@f/b changed (packages/b/README.md), and no changeset of this branch names it'])
})

it('wants one for what bundles the sources that changed', () => {
  const bundler: WorkspacePackage = {
    ...fixture('cli', '1.0.0'),
    manifest: { name: '@f/cli', version: '1.0.0', devDependencies: { '@f/a': 'workspace:*' } },
  }
  const below: WorkspacePackage = {
    ...fixture('below', '1.0.0'),
    manifest: { name: '@f/below', version: '1.0.0', dependencies: { '@f/b': 'workspace:^' } },
  }
  const all = [...packages, below].map((item) =>
    item.name === '@f/a'
      ? { ...item, manifest: { ...item.manifest, dependencies: { '@f/below': 'workspace:^' } } }
      : item,
  )
  const problems = (...changed: string[]): string[] =>
    changesetProblems({
      packages: [...all, bundler],
      changesets: new Map([['one.md', announcesA]]),
      changed: ['.changeset/one.md', ...changed],
    })
  expect(problems('packages/a/src/x.ts')).toEqual([
    '@f/cli bundles @f/a, which changed (packages/a/src/x.ts), and no changeset of this branch names it',
  ])
  expect(problems('packages/a/README.md')).toEqual([])
  expect(problems('packages/b/src/x.ts')[1]).toContain('@f/cli bundles @f/b, which changed')
})

it('wants none for tests and private packages', () => {
  const changed = ['packages/a/test/x.test.ts', 'packages/tool/src/x.ts', 'README.md']
  expect(changesetProblems({ packages, changesets: new Map(), changed })).toEqual([])
})

it('wants the first version of a package announced', () => {
  expect(changesetProblems({ packages: [fixture('new', '0.0.0')], changesets: new Map() })).toEqual(
    ['@f/new was never released, and no changeset announces its first version'],
  )
})

it.each([
  ["---\n'@f/gone': minor\n---\n\nx\n", '.changeset/x.md names @f/gone, which does not exist'],
  ["---\n'@f/tool': minor\n---\n\nx\n", '.changeset/x.md names @f/tool, which is private'],
  ["---\n'@f/a': minor\n---\n\n", '.changeset/x.md says nothing'],
  ['no front matter', ".changeset/x.md can't be read"],
])('refuses a changeset that is wrong', (text, problem) => {
  const changesets = new Map([['x.md', text]])
  expect(changesetProblems({ packages, changesets })[0]).toContain(problem)
})
