import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadTemplate, plan, render } from '@vaultmesh/spawn-core'
import { itWith, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { softwareBill } from '../src/manifest/sbom.ts'
import { renderTiny, spawnErrorOf, textOf } from './support.ts'

const lockfile = {
  name: 'svc',
  lockfileVersion: 3,
  packages: {
    '': {
      name: 'svc',
      version: '0.1.0',
      license: 'MIT',
      dependencies: { a: '1', '@s/b': '1' },
      devDependencies: { d: '1' },
      optionalDependencies: { gone: '1' },
    },
    'node_modules/a': {
      version: '1.0.0',
      license: '(MIT OR Apache-2.0)',
      integrity: 'sha512-AAEC sha1-/w==',
      dependencies: { c: '1' },
    },
    'node_modules/@s/b': {
      version: '1.0.0-rc.1+build',
      license: 'SEE LICENSE IN x',
      dependencies: { c: '2' },
    },
    'node_modules/@s/b/node_modules/c': { version: '2.0.0', dependencies: { a: '1' } },
    'node_modules/c': { version: '1.0.0', optional: true },
    'node_modules/d': { version: '1.0.0', dev: true, dependencies: { c: '1' } },
    'node_modules/d/node_modules/a': { version: '1.0.0', dev: true },
    'node_modules/real': { name: 'alias-of', version: '3.0.0', license: 'UNLICENSED' },
    'packages/w': { version: '0.0.0' },
    'node_modules/w': { resolved: 'packages/w', link: true },
  },
}

function bill(lock: unknown): Record<string, unknown> & { components: Record<string, unknown>[] } {
  return JSON.parse(Buffer.from(softwareBill(Buffer.from(JSON.stringify(lock)))).toString())
}

describe('the bill of materials', () => {
  const { components, dependencies, metadata, ...rest } = bill(lockfile)
  const byRef = Object.fromEntries(components.map((part) => [String(part['bom-ref']), part]))

  it('is CycloneDX 1.6, without a time or a random number', () => {
    expect(rest).toEqual({
      $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      version: 1,
    })
    expect(metadata).toEqual({
      component: {
        'bom-ref': 'service',
        type: 'application',
        name: 'svc',
        version: '0.1.0',
        purl: 'pkg:npm/svc@0.1.0',
        licenses: [{ expression: 'MIT' }],
      },
    })
  })

  it('has each package and version once, whatever the folder', () => {
    expect(components.map((part) => part['bom-ref'])).toEqual([
      'pkg:npm/%40s/b@1.0.0-rc.1%2Bbuild',
      'pkg:npm/a@1.0.0',
      'pkg:npm/alias-of@3.0.0',
      'pkg:npm/c@1.0.0',
      'pkg:npm/c@2.0.0',
      'pkg:npm/d@1.0.0',
      'pkg:npm/w@0.0.0',
    ])
  })

  it('has hashes, licenses, scopes and groups', () => {
    expect(byRef['pkg:npm/a@1.0.0']).toMatchObject({
      hashes: [
        { alg: 'SHA-512', content: '000102' },
        { alg: 'SHA-1', content: 'ff' },
      ],
      licenses: [{ expression: '(MIT OR Apache-2.0)' }],
      // Needed for running in one place, though only for development in another.
      scope: 'required',
    })
    expect(byRef['pkg:npm/%40s/b@1.0.0-rc.1%2Bbuild']).toMatchObject({
      group: '@s',
      name: 'b',
      licenses: [{ license: { name: 'SEE LICENSE IN x' } }],
    })
    expect(byRef['pkg:npm/alias-of@3.0.0']?.['licenses']).toEqual([
      { license: { name: 'UNLICENSED' } },
    ])
    expect(byRef['pkg:npm/c@1.0.0']?.['scope']).toBe('optional')
    expect(byRef['pkg:npm/d@1.0.0']?.['scope']).toBe('excluded')
  })

  it('has the graph as Node resolves it', () => {
    expect(dependencies).toEqual([
      { ref: 'pkg:npm/%40s/b@1.0.0-rc.1%2Bbuild', dependsOn: ['pkg:npm/c@2.0.0'] },
      { ref: 'pkg:npm/a@1.0.0', dependsOn: ['pkg:npm/c@1.0.0'] },
      { ref: 'pkg:npm/alias-of@3.0.0', dependsOn: [] },
      { ref: 'pkg:npm/c@1.0.0', dependsOn: [] },
      { ref: 'pkg:npm/c@2.0.0', dependsOn: ['pkg:npm/a@1.0.0'] },
      { ref: 'pkg:npm/d@1.0.0', dependsOn: ['pkg:npm/c@1.0.0'] },
      { ref: 'pkg:npm/w@0.0.0', dependsOn: [] },
      {
        ref: 'service',
        dependsOn: ['pkg:npm/%40s/b@1.0.0-rc.1%2Bbuild', 'pkg:npm/a@1.0.0', 'pkg:npm/d@1.0.0'],
      },
    ])
  })

  it('is the same for the same lockfile', () => {
    const reversed = {
      ...lockfile,
      packages: Object.fromEntries(Object.entries(lockfile.packages).reverse()),
    }
    expect(softwareBill(Buffer.from(JSON.stringify(reversed)))).toEqual(
      softwareBill(Buffer.from(JSON.stringify(lockfile))),
    )
  })

  it.each(['', '{', '[]', '{}', '{"packages":{}}', '{"lockfileVersion":1,"dependencies":{}}'])(
    'is not made from %j',
    async (text) => {
      await spawnErrorOf(() => softwareBill(Buffer.from(text)), 'RENDER_FAILED')
    },
  )

  it('is part of the service', () => {
    const { metadata: own } = JSON.parse(textOf(renderTiny(), '.vm/sbom.cdx.json'))
    expect(own.component).toMatchObject({ name: 'tiny-service', version: '0.1.0' })
  })

  itWith(['npm'], 'lists for ts-fastify exactly what npm lists', async () => {
    const template = await loadTemplate('ts-fastify')
    const rendered = render(plan({ template, answers: { name: 'svc' } }))
    const directory = temporaryDirectory()
    for (const path of ['package.json', 'package-lock.json']) {
      writeFileSync(join(directory, path), textOf(rendered, path))
    }
    const output = execFileSync(
      'npm',
      ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--offline'],
      { cwd: directory, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const purls = (text: string): string[] =>
      JSON.parse(text).components.map(({ purl }: { purl: string }) => purl)
    expect(purls(textOf(rendered, '.vm/sbom.cdx.json'))).toEqual([...new Set(purls(output))].sort())
  })
})
