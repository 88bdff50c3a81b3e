import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import {
  type CommitOptions,
  commit,
  commitStages,
  parseEnvelope,
  parseManifest,
  type SpawnReceipt,
  spawn,
} from '@vaultmesh/spawn-core'
import { describeWith, sourceFlags, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { writeFiles } from '../src/commit/write.ts'
import {
  entriesOf,
  git,
  gitEnvironment,
  makeKey,
  renderTiny,
  spawnErrorOf,
  textOf,
  tiny,
  tinyDirectory,
} from './support.ts'

const { signer } = makeKey()
const rendered = renderTiny()

function commitTo(parent: string, options: Partial<CommitOptions> = {}): Promise<SpawnReceipt> {
  const directory = join(parent, 'tiny-service')
  return commit({ rendered, directory, signer, env: gitEnvironment(), ...options })
}

describeWith(['git'], 'commit', () => {
  it('puts all of it in the first commit, on main, with a clean work tree', async () => {
    const parent = temporaryDirectory()
    const receipt = await commitTo(parent)
    const directory = join(parent, 'tiny-service')
    expect(entriesOf(parent)).toEqual(['tiny-service'])
    expect(git(directory, 'branch', '--show-current')).toBe('main')
    expect(git(directory, 'status', '--porcelain', '--ignored')).toBe('')
    expect(git(directory, 'ls-files').split('\n').sort()).toEqual(
      [...rendered.files.keys(), '.vm/manifest.json', '.vm/manifest.dsse.json'].sort(),
    )
    expect(git(directory, 'log', '--format=%an <%ae> %cn %s')).toBe(
      'Ada <ada@example.com> Ada Spawn tiny-service from tiny 1.2.3',
    )
    expect(git(directory, 'ls-files', '--stage', 'scripts/check.sh')).toMatch(/^100755/)
    expect(git(directory, 'ls-files', '--stage', 'server.mjs')).toMatch(/^100644/)
    expect(git(directory, 'fsck', '--strict')).toBe('')
    expect(receipt).toEqual({
      service: 'tiny-service',
      directory,
      template: rendered.template,
      manifest: new Uint8Array(readFileSync(join(directory, '.vm/manifest.json'))),
      gitCommit: git(directory, 'rev-parse', 'HEAD'),
    })
    for (const [path, { bytes }] of rendered.files) {
      expect(Buffer.compare(readFileSync(join(directory, path)), bytes)).toBe(0)
    }
  })

  it('commits also what the service ignores', async () => {
    const files = new Map(rendered.files)
    files.set('dist/kept.txt', { bytes: Buffer.from('x'), mode: '644', policy: 'managed' })
    const { directory } = await commitTo(temporaryDirectory(), { rendered: { ...rendered, files } })
    expect(git(directory, 'ls-files', 'dist')).toBe('dist/kept.txt')
  })

  it('refuses what a reader of its manifest would refuse', async () => {
    const parent = temporaryDirectory()
    const verify = { test: [['sh', '-c', 'a\nb']] as const }
    const error = await spawnErrorOf(
      () => commitTo(parent, { rendered: { ...rendered, verify } }),
      'CHECK_FAILED',
    )
    expect(error.message).toContain('verify.test[0]')
    expect(entriesOf(parent)).toEqual([])
  })

  it('signs the manifest that it writes', async () => {
    const { signer: own, verifier } = makeKey()
    const { directory, manifest } = await commitTo(temporaryDirectory(), { signer: own })
    const envelope = parseEnvelope(readFileSync(join(directory, '.vm/manifest.dsse.json')))
    expect(Buffer.compare(envelope?.payload ?? new Uint8Array(), manifest)).toBe(0)
    expect(envelope?.signatures[0]?.keyid).toBe(verifier.keyid)
    const parsed = parseManifest(manifest)
    expect(parsed.ok && parsed.manifest.generator.name).toBe('@vaultmesh/spawn-core')
  })

  it('makes a service that is executable where the template says so, whatever the umask', async () => {
    const before = process.umask(0o177)
    try {
      const { directory } = await commitTo(temporaryDirectory())
      expect(lstatSync(join(directory, 'scripts/check.sh')).mode & 0o111).toBe(0o111)
    } finally {
      process.umask(before)
    }
  })

  describe('leaves alone what is in the way:', () => {
    it.each([
      ['a folder', (path: string) => mkdirSync(path)],
      ['a file', (path: string) => writeFileSync(path, 'mine')],
      ['a link to nowhere', (path: string) => symlinkSync('/nonexistent', path)],
    ])('%s', async (_, make) => {
      const parent = temporaryDirectory()
      make(join(parent, 'tiny-service'))
      const before = lstatSync(join(parent, 'tiny-service'))
      const stages: string[] = []
      const onStage = (stage: string): void => void stages.push(stage)
      const error = await spawnErrorOf(() => commitTo(parent, { onStage }), 'TARGET_EXISTS')
      expect(stages).toEqual(['check'])
      expect(error.message).toContain(join(parent, 'tiny-service'))
      expect(entriesOf(parent)).toEqual(['tiny-service'])
      expect(lstatSync(join(parent, 'tiny-service')).ino).toBe(before.ino)
    })

    it.each([
      [
        'a folder with something in it',
        (path: string) => mkdirSync(join(path, 'sub'), { recursive: true }),
      ],
      ['a file', (path: string) => writeFileSync(path, 'mine')],
    ])('%s that comes at the last moment', async (_, make) => {
      const parent = temporaryDirectory()
      const onStage = (stage: string): void => {
        if (stage === 'rename') make(join(parent, 'tiny-service'))
      }
      await spawnErrorOf(() => commitTo(parent, { onStage }), 'TARGET_EXISTS')
      expect(entriesOf(parent)).toEqual(['tiny-service'])
    })
  })

  describe('leaves nothing behind', () => {
    it.each(commitStages)('when it is stopped at the stage "%s"', async (stage) => {
      const parent = temporaryDirectory()
      const controller = new AbortController()
      const seen: string[] = []
      const error = await spawnErrorOf(
        () =>
          commitTo(parent, {
            signal: controller.signal,
            onStage: (name) => {
              seen.push(name)
              if (name === stage) controller.abort(new Error('enough'))
            },
          }),
        'ABORTED',
      )
      expect(seen.at(-1)).toBe(stage)
      expect(error.cause).toEqual(new Error('enough'))
      expect(entriesOf(parent)).toEqual([])
    })

    it('when it is stopped while git runs', async () => {
      const parent = temporaryDirectory()
      const controller = new AbortController()
      const onStage = (name: string): void => {
        // Not before git was started, which happens right after this.
        if (name === 'git') setImmediate(() => controller.abort())
      }
      await spawnErrorOf(() => commitTo(parent, { signal: controller.signal, onStage }), 'ABORTED')
      expect(entriesOf(parent)).toEqual([])
    })

    it.each(commitStages)('when something breaks at the stage "%s"', async (stage) => {
      const parent = temporaryDirectory()
      const broken = new Error('broken')
      const onStage = (name: string): void => {
        if (name === stage) throw broken
      }
      await expect(commitTo(parent, { onStage })).rejects.toBe(broken)
      expect(entriesOf(parent)).toEqual([])
    })

    it('when the signer fails', async () => {
      const parent = temporaryDirectory()
      const failing = { keyid: 'x', sign: () => Promise.reject(new Error('no passphrase')) }
      const error = await spawnErrorOf(() => commitTo(parent, { signer: failing }), 'SIGNER_FAILED')
      expect(error.message).toContain('no passphrase')
      expect(entriesOf(parent)).toEqual([])
    })

    it('when the files are no good', async () => {
      const parent = temporaryDirectory()
      const files = new Map(rendered.files)
      files.set('bad.json', { bytes: Buffer.from('{'), mode: '644', policy: 'managed' })
      files.set('../x', { bytes: Buffer.from(''), mode: '644', policy: 'managed' })
      const error = await spawnErrorOf(
        () => commitTo(parent, { rendered: { ...rendered, files } }),
        'CHECK_FAILED',
      )
      expect(error.message).toContain('bad.json: JSON_INVALID')
      expect(error.message).toContain('../x: PATH_UNSAFE')
      expect(entriesOf(parent)).toEqual([])
    })

    it('when a file can not be written', async () => {
      const parent = temporaryDirectory()
      const onStage = (name: string): void => {
        const [staging = ''] = entriesOf(parent)
        if (name === 'write') writeFileSync(join(parent, staging, 'src'), 'in the way')
      }
      const error = await spawnErrorOf(() => commitTo(parent, { onStage }), 'WRITE_FAILED')
      expect(error.message).toContain('src/')
      expect(entriesOf(parent)).toEqual([])
    })
  })

  it('writes no path that the check would refuse, also without the check', () => {
    const folder = temporaryDirectory()
    const files = new Map([['../x', { bytes: Buffer.from(''), mode: '644' as const }]])
    expect(() => writeFiles(folder, files)).toThrow('it has a part ".."')
    expect(entriesOf(folder)).toEqual([])
  })

  it('says which commands mend a missing identity, and writes nothing', async () => {
    const parent = temporaryDirectory()
    const stages: string[] = []
    const env = { ...gitEnvironment(), GIT_CONFIG_GLOBAL: '/dev/null' }
    const error = await spawnErrorOf(
      () => commitTo(parent, { env, onStage: (stage) => stages.push(stage) }),
      'NO_GIT_IDENTITY',
    )
    expect(error.message).toContain('git config --global user.name')
    expect(error.message).toContain('git config --global user.email')
    expect(stages).not.toContain('write')
    expect(entriesOf(parent)).toEqual([])
  })

  it('takes an identity from the environment, and from a setting that depends on the folder', async () => {
    const who = {
      GIT_AUTHOR_NAME: 'B',
      GIT_AUTHOR_EMAIL: 'b@x',
      GIT_COMMITTER_NAME: 'C',
      GIT_COMMITTER_EMAIL: 'c@x',
    }
    const env = { ...gitEnvironment(), GIT_CONFIG_GLOBAL: '/dev/null', ...who }
    const { directory } = await commitTo(temporaryDirectory(), { env })
    expect(git(directory, 'log', '--format=%an %ce')).toBe('B c@x')

    const parent = temporaryDirectory()
    const work = join(parent, 'work.gitconfig')
    writeFileSync(work, '[user]\n\temail = work@example.com\n')
    const there = await commitTo(parent, {
      env: gitEnvironment({ settings: `[includeIf "gitdir:${parent}/"]\n\tpath = ${work}\n` }),
    })
    expect(git(there.directory, 'log', '--format=%ae')).toBe('work@example.com')
  })

  it('says that git is missing', async () => {
    const parent = temporaryDirectory()
    const env = { ...gitEnvironment(), PATH: join(parent, 'bin') }
    const error = await spawnErrorOf(() => commitTo(parent, { env }), 'GIT_MISSING')
    expect(error.message).toContain('Install it')
    expect(entriesOf(parent)).toEqual([])
  })

  it('says that the parent is missing, or is no folder', async () => {
    const parent = temporaryDirectory()
    await spawnErrorOf(() => commitTo(join(parent, 'nowhere')), 'PARENT_MISSING')
    writeFileSync(join(parent, 'file'), '')
    await spawnErrorOf(() => commitTo(join(parent, 'file')), 'PARENT_MISSING')
    expect(entriesOf(parent)).toEqual(['file'])
  })

  it('says that the parent can not be written to', () => {
    const parent = temporaryDirectory()
    chmodSync(parent, 0o555)
    // Root may write anywhere, so this goes on as somebody else where the tests run as root; not
    // from the start, since the folder of the tests may be root's alone.
    const source = new URL('../src/commit/staging.ts', import.meta.url).href
    const script = `
      const { makeStaging } = await import(${JSON.stringify(source)})
      if (process.getuid?.() === 0) { process.setgid(65534); process.setuid(65534) }
      try { await makeStaging(${JSON.stringify(join(parent, 'x'))}) }
      catch (error) { process.stdout.write(error.code + ' ' + error.message) }`
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [...sourceFlags(), '--input-type=module', '-e', script],
      { encoding: 'utf8', env: { PATH: '', NODE_NO_WARNINGS: '1' } },
    )
    expect(stderr).toBe('')
    expect(stdout).toMatch(/^TARGET_NOT_WRITABLE Nothing can be written to .*Choose a folder/)
    chmodSync(parent, 0o755)
  })

  describe('is not steered by what git finds around it:', () => {
    it('hooks, templates, signing, filters, ignore rules and line ends of the user', async () => {
      const home = temporaryDirectory()
      const marker = join(home, 'ran')
      const trap = join(home, 'trap')
      writeFileSync(trap, `#!/bin/sh\necho "$0" >> ${marker}\nexit 1\n`, { mode: 0o755 })
      const hooks = join(home, 'template/hooks')
      mkdirSync(hooks, { recursive: true })
      for (const hook of [
        'pre-commit',
        'commit-msg',
        'post-commit',
        'prepare-commit-msg',
        'reference-transaction',
        'post-index-change',
      ]) {
        symlinkSync(trap, join(hooks, hook))
      }
      writeFileSync(join(home, 'attributes'), '* text eol=crlf filter=trap\n')
      writeFileSync(join(home, 'ignore'), '*.yaml\n.vm/\nsrc/\n')
      const { directory } = await commitTo(temporaryDirectory(), {
        env: gitEnvironment({
          settings: `[init]
	templateDir = ${join(home, 'template')}
	defaultBranch = trunk
[core]
	hooksPath = ${hooks}
	attributesFile = ${join(home, 'attributes')}
	excludesFile = ${join(home, 'ignore')}
	autocrlf = true
	safecrlf = true
	fsmonitor = ${trap}
	editor = ${trap}
[filter "trap"]
	clean = ${trap}
	required = true
[commit]
	gpgSign = true
	template = ${join(home, 'nothing')}
[gpg]
	program = ${trap}
`,
        }),
      })
      expect(existsSync(marker)).toBe(false)
      expect(git(directory, 'branch', '--show-current')).toBe('main')
      expect(git(directory, 'ls-files')).toContain('deploy/deployment.yaml')
      expect(existsSync(join(directory, '.git/hooks/pre-commit'))).toBe(false)
      expect(git(directory, 'cat-file', 'blob', 'HEAD:README.md')).toBe(
        textOf(rendered, 'README.md').trim(),
      )
    })

    it('the repository of the hook that it runs in', async () => {
      const outer = temporaryDirectory()
      git(outer, 'init', '-q')
      const env = {
        ...gitEnvironment(),
        GIT_DIR: join(outer, '.git'),
        GIT_WORK_TREE: outer,
        GIT_INDEX_FILE: join(outer, '.git/index'),
        GIT_OBJECT_DIRECTORY: join(outer, '.git/objects'),
      }
      const { directory } = await commitTo(temporaryDirectory(), { env })
      expect(git(outer, 'status', '--porcelain')).toBe('')
      expect(git(directory, 'status', '--porcelain')).toBe('')
      expect(git(directory, 'rev-list', '--count', 'HEAD')).toBe('1')
    })

    it('a repository that the target lies in', async () => {
      const outer = temporaryDirectory()
      git(outer, 'init', '-q')
      git(outer, 'config', 'user.email', 'outer@example.com')
      const { directory } = await commitTo(outer)
      expect(git(directory, 'log', '--format=%ae')).toBe('ada@example.com')
    })
  })

  it('removes what a killed spawn left, and nothing else', async () => {
    const parent = temporaryDirectory()
    const { stdout } = spawnSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' })
    const dead = stdout.trim()
    let staging = ''
    await commitTo(parent, {
      onStage: (stage) => {
        if (stage === 'write') staging = entriesOf(parent)[0] ?? ''
      },
    })
    const [, host = ''] = /vm-tmp-([0-9a-f]{8})-/.exec(staging) ?? []
    const left = (host: string, pid: string): string => `.other.vm-tmp-${host}-${pid}-0123456789ab`
    const kept = [
      left(host, String(process.pid)),
      left('00000000', dead),
      `.other.vm-tmp-${host}-${dead}`,
      '.other.vm-tmp-mine',
    ]
    for (const name of [left(host, dead), ...kept]) {
      mkdirSync(join(parent, name, 'sub'), { recursive: true })
      writeFileSync(join(parent, name, 'sub/file'), '')
    }
    const link = left(host, dead).replace('other', 'link')
    symlinkSync(temporaryDirectory(), join(parent, link))
    await commit({ rendered, directory: join(parent, 'second'), signer, env: gitEnvironment() })
    expect(entriesOf(parent)).toEqual([...kept, link, 'second', 'tiny-service'].sort())
    expect(readlinkSync(join(parent, link))).not.toBe('')
  })

  it('a killed spawn leaves no service, and the next one clears up', async () => {
    const parent = temporaryDirectory()
    const support = new URL('../src/index.ts', import.meta.url).href
    const script = `
      const { commit, loadTemplate, plan, render } = await import(${JSON.stringify(support)})
      const template = await loadTemplate({ directory: ${JSON.stringify(tinyDirectory)}, trust: true })
      await commit({
        rendered: render(plan({ template, answers: { name: 'tiny-service' } })),
        directory: ${JSON.stringify(join(parent, 'tiny-service'))},
        signer: { keyid: 'x', sign: async () => new Uint8Array(64) },
        onStage: (stage) => { if (stage === 'rename') process.kill(process.pid, 'SIGKILL') },
      })`
    const { signal } = spawnSync(
      process.execPath,
      [...sourceFlags(), '--input-type=module', '-e', script],
      { env: gitEnvironment() },
    )
    expect(signal).toBe('SIGKILL')
    expect(entriesOf(parent)).toEqual([expect.stringMatching(/^\.tiny-service\.vm-tmp-/)])
    await commitTo(parent)
    expect(entriesOf(parent)).toEqual(['tiny-service'])
  })

  it('two at once for one target: one wins, and nothing is mixed', async () => {
    const parent = temporaryDirectory()
    const results = await Promise.allSettled([commitTo(parent), commitTo(parent), commitTo(parent)])
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const result of results) {
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ code: 'TARGET_EXISTS' })
    }
    expect(entriesOf(parent)).toEqual(['tiny-service'])
    expect(git(join(parent, 'tiny-service'), 'status', '--porcelain')).toBe('')
  })
})

describeWith(['git'], 'spawn', () => {
  it('makes the service in a folder of its name, and hands over the receipt', async () => {
    const parent = temporaryDirectory()
    const receipts: SpawnReceipt[] = []
    const receipt = await spawn({
      template: tiny,
      answers: { name: 'payment-service' },
      parent,
      signer,
      env: gitEnvironment(),
      sink: { record: async (given) => void receipts.push(given) },
    })
    expect(receipt.directory).toBe(join(parent, 'payment-service'))
    expect(receipts).toEqual([receipt])
  })

  it('keeps the service when the receipt can not be recorded, and says so', async () => {
    const parent = temporaryDirectory()
    const sink = { record: () => Promise.reject(new Error('the log is locked')) }
    const answers = { name: 'x' }
    const error = await spawnErrorOf(
      () => spawn({ template: tiny, answers, parent, signer, env: gitEnvironment(), sink }),
      'RECEIPT_NOT_RECORDED',
    )
    expect(error.message).toContain('the log is locked')
    expect(git(join(parent, 'x'), 'status', '--porcelain')).toBe('')
  })

  it('writes nothing when the answers are wrong', async () => {
    const parent = temporaryDirectory()
    const options = { template: tiny, answers: { name: '../escape' }, parent, signer }
    await spawnErrorOf(() => spawn(options), 'NAME_INVALID')
    expect(entriesOf(parent)).toEqual([])
  })
})
