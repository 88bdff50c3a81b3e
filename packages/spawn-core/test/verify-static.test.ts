import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { commit, type VerifyOptions, type VerifyReport, verify } from '@vaultmesh/spawn-core'
import { describeWith, findProgram, temporaryDirectory } from '@vaultmesh/testing'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { canonicalBytes } from '../src/json.ts'
import { envelopeBytes } from '../src/manifest/envelope.ts'
import { git, gitEnvironment, makeKey, renderTiny } from './support.ts'

const { signer, verifier } = makeKey()
const other = makeKey()

const made = mkdtempSync(join(realpathSync(tmpdir()), 'vaultmesh-'))
afterAll(() => rmSync(made, { recursive: true, force: true }))
const pristine = join(made, 'tiny-service')
if (findProgram('git') !== undefined) {
  await commit({
    rendered: renderTiny(),
    directory: pristine,
    signer,
    env: gitEnvironment({ folder: made }),
  })
}

/** A new service, which `change` then changes. */
async function service(change?: (directory: string) => void | Promise<void>): Promise<string> {
  const directory = join(temporaryDirectory(), 'tiny-service')
  cpSync(pristine, directory, { recursive: true })
  await change?.(directory)
  return directory
}

function verifyStatic(
  directory: string,
  options: Partial<VerifyOptions> = {},
): Promise<VerifyReport> {
  return verify({ directory, tier: 'static', keys: [verifier], env: gitEnvironment(), ...options })
}

function statuses(report: VerifyReport): Record<string, string> {
  return Object.fromEntries(report.steps.map(({ id, status }) => [id, status]))
}

function detailOf(report: VerifyReport, id: string): string | undefined {
  return report.steps.find((step) => step.id === id)?.detail
}

function replaceBy(make: (file: string) => void): (file: string) => void {
  return (file) => {
    rmSync(file)
    make(file)
  }
}

const good = {
  'manifest.format': 'pass',
  'manifest.signature': 'pass',
  'files.digest': 'pass',
  'files.added': 'pass',
  'outputs.parse': 'pass',
}

describeWith(['git'], 'the static tier', () => {
  it('passes for a new service, and tells each step as it happens', async () => {
    const started: string[] = []
    const ended: string[] = []
    const report = await verifyStatic(await service(), {
      onStart: ({ id }) => started.push(id),
      onStep: ({ id }) => ended.push(id),
    })
    expect(statuses(report)).toEqual(good)
    expect(report).toMatchObject({ ok: true, tier: 'static' })
    expect(report.differences).toEqual({ changed: [], missing: [], added: [] })
    expect(started).toEqual(Object.keys(good))
    expect(ended).toEqual(Object.keys(good))
  })

  it('passes for a clone, and for a copy without its history', async () => {
    const directory = await service((at) => {
      cpSync(at, `${at}-copy`, { recursive: true })
      rmSync(join(`${at}-copy`, '.git'), { recursive: true })
    })
    expect((await verifyStatic(`${directory}-copy`)).ok).toBe(true)
  })

  it.each([
    ['a changed managed file', 'server.mjs', 'fail'],
    ['a changed lockfile', 'package-lock.json', 'fail'],
    ['changed answers', '.vm/answers.yaml', 'fail'],
    ['a changed bill of materials', '.vm/sbom.cdx.json', 'fail'],
    ['a changed file to start from', 'src/main.ts', 'warn'],
    ['a changed file that was made once', 'README.md', 'warn'],
  ])('reports %s', async (_, path, status) => {
    const directory = await service((at) => writeFileSync(join(at, path), '{}\n'))
    const report = await verifyStatic(directory)
    expect(statuses(report)).toEqual({ ...good, 'files.digest': status })
    expect(report.ok).toBe(status === 'warn')
    expect(report.differences).toEqual({ changed: [path], missing: [], added: [] })
    expect(detailOf(report, 'files.digest')).toBe(`changed: ${path}`)
  })

  it('reports missing files, by their policy', async () => {
    const managed = await verifyStatic(await service((at) => rmSync(join(at, 'server.mjs'))))
    expect(managed.ok).toBe(false)
    expect(managed.differences.missing).toEqual(['server.mjs'])
    const seed = await verifyStatic(await service((at) => rmSync(join(at, 'src/main.ts'))))
    expect(statuses(seed)['files.digest']).toBe('warn')
    expect(detailOf(seed, 'files.digest')).toBe('missing: src/main.ts')
  })

  it('reports a file whose mode changed', async () => {
    const directory = await service((at) => chmodSync(join(at, 'server.mjs'), 0o755))
    expect((await verifyStatic(directory)).differences.changed).toEqual(['server.mjs'])
  })

  it('reports a file that became a link, a folder or too large, and does not follow it', async () => {
    const link = await service((at) => {
      renameSync(join(at, 'server.mjs'), join(at, '..', 'server.mjs'))
      symlinkSync('../server.mjs', join(at, 'server.mjs'))
    })
    expect((await verifyStatic(link)).differences.changed).toEqual(['server.mjs'])
    const folder = await service((at) => {
      renameSync(join(at, 'deploy'), join(at, '..', 'deploy'))
      symlinkSync('../deploy', join(at, 'deploy'))
    })
    expect((await verifyStatic(folder)).differences.changed).toEqual(['deploy/deployment.yaml'])
    const large = await service((at) => {
      writeFileSync(join(at, 'server.mjs'), Buffer.alloc(5 * 1024 * 1024))
      rmSync(join(at, 'logo.bin'))
      mkdirSync(join(at, 'logo.bin'))
    })
    expect((await verifyStatic(large)).differences.changed).toEqual(['logo.bin', 'server.mjs'])
  })

  it('reports added files, but not those that the service ignores', async () => {
    const directory = await service((at) => {
      mkdirSync(join(at, 'node_modules/x'), { recursive: true })
      writeFileSync(join(at, 'node_modules/x/index.js'), '')
      writeFileSync(join(at, 'new.ts'), '')
      writeFileSync(join(at, 'two words\n.ts'), '')
    })
    const report = await verifyStatic(directory)
    expect(statuses(report)).toEqual({ ...good, 'files.added': 'warn' })
    expect(report.ok).toBe(true)
    expect(report.differences.added).toEqual(['new.ts', 'two words\n.ts'])
  })

  it('reports added files whatever the .git of the repository says', async () => {
    const directory = await service((at) => {
      writeFileSync(join(at, 'excluded.ts'), '')
      writeFileSync(join(at, 'tracked.ts'), '')
      mkdirSync(join(at, '.git/info'), { recursive: true })
      writeFileSync(join(at, '.git/info/exclude'), 'excluded.ts\n')
      git(at, 'add', 'tracked.ts')
    })
    const report = await verifyStatic(directory)
    expect(report.differences.added).toEqual(['excluded.ts', 'tracked.ts'])
  })

  it('reports JSON and YAML that no longer parse, and not what only looks like a tag', async () => {
    const directory = await service((at) => {
      writeFileSync(join(at, 'package.json'), '{')
      writeFileSync(join(at, 'src/main.ts'), 'const tag = "<%= x %>"')
    })
    const report = await verifyStatic(directory)
    expect(statuses(report)['outputs.parse']).toBe('fail')
    expect(detailOf(report, 'outputs.parse')).toMatch(/^package.json: JSON_INVALID: /)
    expect(detailOf(report, 'outputs.parse')).not.toContain('\n')
  })

  it('says that files were not listed where git is missing', async () => {
    const report = await verifyStatic(await service(), { env: { PATH: '/nonexistent' } })
    expect(statuses(report)).toEqual({ ...good, 'files.added': 'skipped' })
    expect(detailOf(report, 'files.added')).toContain('git is not on the PATH')
  })

  it('does not run what the settings of the repository name', async () => {
    const directory = await service((at) => {
      const trap = join(at, '..', 'trap')
      writeFileSync(trap, `#!/bin/sh\ntouch ${join(at, '..', 'ran')}\n`, { mode: 0o755 })
      writeFileSync(
        join(at, '.git/config'),
        `[core]\n\tfsmonitor = ${trap}\n\thooksPath = ${at}\n[filter "x"]\n\tclean = ${trap}\n\tsmudge = ${trap}\n`,
      )
      writeFileSync(join(at, '.gitattributes'), '* filter=x\n')
      writeFileSync(join(at, 'server.mjs'), '// changed\n')
    })
    await verifyStatic(directory)
    expect(() => readFileSync(join(directory, '..', 'ran'))).toThrow('ENOENT')
  })

  it('ends when the signal aborts', async () => {
    const directory = await service()
    const run = verifyStatic(directory, { signal: AbortSignal.abort() })
    await expect(run).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

describeWith(['git'], 'the signature of the manifest', () => {
  it('is not checked when no key is given, and that is said', async () => {
    const report = await verifyStatic(await service(), { keys: [] })
    expect(report.ok).toBe(true)
    expect(statuses(report)['manifest.signature']).toBe('skipped')
    expect(detailOf(report, 'manifest.signature')).toContain('nobody vouches')
  })

  it('by a key that is not trusted is no signature', async () => {
    const report = await verifyStatic(await service(), { keys: [other.verifier] })
    expect(report.ok).toBe(false)
    expect(statuses(report)['manifest.signature']).toBe('untrusted')
  })

  it('under the id of a trusted key, but by another, fails', async () => {
    const keys = [{ ...other.verifier, keyid: verifier.keyid }]
    const report = await verifyStatic(await service(), { keys })
    expect(statuses(report)['manifest.signature']).toBe('fail')
    expect(detailOf(report, 'manifest.signature')).toContain('is wrong')
  })

  it('is over the manifest that is there, also when no key is given', async () => {
    const directory = await service((at) => {
      const file = join(at, '.vm/manifest.json')
      const manifest = JSON.parse(readFileSync(file, 'utf8'))
      manifest.service = 'another'
      writeFileSync(file, canonicalBytes(manifest))
    })
    for (const keys of [[verifier], []]) {
      const report = await verifyStatic(directory, { keys })
      expect(statuses(report)['manifest.signature']).toBe('fail')
      expect(detailOf(report, 'manifest.signature')).toContain('signs another manifest')
    }
  })

  it('by a thief with another key does not help to change files', async () => {
    const directory = await service(async (at) => {
      const file = join(at, '.vm/manifest.json')
      const manifest = JSON.parse(readFileSync(file, 'utf8'))
      manifest.verify.test = [['sh', '-c', 'true']]
      const bytes = canonicalBytes(manifest)
      writeFileSync(file, bytes)
      writeFileSync(join(at, '.vm/manifest.dsse.json'), await envelopeBytes(bytes, other.signer))
    })
    expect(statuses(await verifyStatic(directory))['manifest.signature']).toBe('untrusted')
  })

  it.each([
    ['is missing', (file: string) => rmSync(file)],
    ['is a link', replaceBy((file) => symlinkSync('manifest.json', file))],
    ['is no envelope', (file: string) => writeFileSync(file, '{}')],
    ['has white space', (file: string) => writeFileSync(file, '\n', { flag: 'a' })],
  ])('fails when the envelope %s', async (_, change) => {
    const directory = await service((at) => change(join(at, '.vm/manifest.dsse.json')))
    expect(statuses(await verifyStatic(directory))['manifest.signature']).toBe('fail')
  })
})

describeWith(['git'], 'without a good manifest', () => {
  it.each([
    ['is missing', (file: string) => rmSync(file)],
    ['is a folder', replaceBy((file) => mkdirSync(file))],
    ['is no manifest', (file: string) => writeFileSync(file, '{}')],
  ])('nothing else is looked at or run: it %s', async (_, change) => {
    const directory = await service((at) => change(join(at, '.vm/manifest.json')))
    for (const tier of ['static', 'test'] as const) {
      const report = await verifyStatic(directory, { tier, trust: true })
      expect(statuses(report)).toEqual({ 'manifest.format': 'fail' })
      expect(report.ok).toBe(false)
    }
  })

  it('a folder that is not there is no service', async () => {
    const report = await verifyStatic('/nonexistent')
    expect(detailOf(report, 'manifest.format')).toBe('there is no .vm/manifest.json')
  })
})

describeWith(['git'], 'a byte changed anywhere', () => {
  it('is found', async () => {
    const directory = await service()
    const rendered = renderTiny()
    const paths = [
      ...[...rendered.files].flatMap(([path, { bytes }]) => (bytes.length > 0 ? [path] : [])),
      ...['.vm/manifest.json', '.vm/manifest.dsse.json'],
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...paths),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        async (path, at, xor) => {
          const file = join(directory, path)
          const before = readFileSync(file)
          const after = Buffer.from(before)
          const index = at % after.length
          after[index] = (after[index] ?? 0) ^ xor
          writeFileSync(file, after)
          try {
            const report = await verifyStatic(directory)
            const { changed } = report.differences
            expect(report.ok === false || changed.includes(path)).toBe(true)
          } finally {
            writeFileSync(file, before)
          }
        },
      ),
      { numRuns: 25 },
    )
  })
})
