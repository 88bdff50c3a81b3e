import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, itWith, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { output, run } from '../lib/run.ts'
import { findSecrets } from '../lib/secrets.ts'
import { root } from '../lib/workspace.ts'
import { parseBatch, scanRepository, scanStaged } from '../steps/secrets.ts'

function privateKey(): string {
  const { privateKey: key } = generateKeyPairSync('ed25519')
  return key.export({ type: 'pkcs8', format: 'pem' }).toString()
}

describe('findSecrets', () => {
  it('finds a private key, also indented, in JSON, or encrypted', async () => {
    const pem = privateKey()
    const { privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const encrypted = key
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString()
    const literal = `'${pem.replaceAll('\n', "\\n' +\n  '")}'`
    for (const text of [
      pem,
      pem.replaceAll(/^/gm, '  '),
      JSON.stringify({ pem }),
      literal,
      encrypted,
    ]) {
      expect((await findSecrets('a.txt', `one\n${text}`)).map(({ line }) => line)).toContain(2)
    }
  })

  it('finds the secret key of an OpenPGP user', async () => {
    const armour = [
      '-----BEGIN PGP PRIVATE KEY BLOCK-----',
      'Version: x',
      '',
      'A'.repeat(64),
      '-----END PGP PRIVATE KEY BLOCK-----',
    ].join('\n')
    expect(await findSecrets('key.asc', armour)).not.toEqual([])
  })

  it('finds tokens that secretlint knows', async () => {
    const token = `ghp_${'a1B2'.repeat(9)}`
    expect(await findSecrets('a.txt', `token: ${token}\n`)).not.toEqual([])
  })

  it('never prints what it found', async () => {
    const token = `ghp_${'a1B2'.repeat(9)}`
    expect(JSON.stringify(await findSecrets('a.txt', `token: ${token}\n`))).not.toContain(token)
  })

  it('takes public keys, mere mentions and binary files for what they are', async () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const mention = "if (text.startsWith('-----BEGIN PRIVATE KEY-----')) refuse()\n"
    expect(await findSecrets('a.ts', pem + mention)).toEqual([])
    expect(await findSecrets('a.bin', Buffer.from(`\0${privateKey()}`))).toEqual([])
  })
})

async function repository(): Promise<{ cwd: string; git: (...args: string[]) => Promise<string> }> {
  const cwd = temporaryDirectory()
  const settings = ['-c', 'user.name=A', '-c', 'user.email=a@example.com', '-c', 'core.hooksPath=']
  const git = (...args: string[]): Promise<string> => output('git', [...settings, ...args], { cwd })
  await git('init', '--quiet', '--initial-branch=main')
  return { cwd, git }
}

describeWith(['git'], 'the scan of a repository', () => {
  it('works with no commit yet, and looks at files that are not ignored', async () => {
    const { cwd } = await repository()
    writeFileSync(join(cwd, '.gitignore'), 'ignored.txt\n')
    writeFileSync(join(cwd, 'ignored.txt'), privateKey())
    expect((await scanRepository(cwd)).findings).toEqual([])
    writeFileSync(join(cwd, 'new.txt'), privateKey())
    const { findings, notes } = await scanRepository(cwd)
    expect(findings.map(({ path }) => path)).toContain('new.txt')
    expect(notes).toEqual(['no commit yet: no history'])
  })

  it('finds what was committed and removed again, and what a message holds', async () => {
    const { cwd, git } = await repository()
    writeFileSync(join(cwd, 'a.txt'), privateKey())
    await git('add', '.')
    await git('commit', '--quiet', '-m', 'first')
    await git('rm', '--quiet', 'a.txt')
    await git('commit', '--quiet', '-m', `second\n\n${privateKey()}`)
    const { findings, versions } = await scanRepository(cwd)
    expect(versions).toBe(1)
    const paths = new Set(
      findings.map(({ path }) => path.replace(/ (?:\(blob )?[0-9a-f]{40}\)?/, '')),
    )
    expect([...paths]).toEqual(['a.txt', 'message of'])
  })

  it('works in a shallow clone, and says so', async () => {
    const { cwd, git } = await repository()
    await git('commit', '--quiet', '--allow-empty', '-m', 'first')
    await git('commit', '--quiet', '--allow-empty', '-m', 'second')
    const clone = join(temporaryDirectory(), 'clone')
    await output('git', ['clone', '--quiet', '--depth=1', `file://${cwd}`, clone])
    expect((await scanRepository(clone)).notes).toEqual([
      'a shallow clone: older commits were not scanned',
    ])
  })

  it('looks at what is staged, as staged', async () => {
    const { cwd, git } = await repository()
    writeFileSync(join(cwd, 'a.txt'), privateKey())
    await git('add', '.')
    writeFileSync(join(cwd, 'a.txt'), 'clean\n')
    writeFileSync(join(cwd, 'b.txt'), privateKey())
    expect(new Set((await scanStaged(cwd)).map(({ path }) => path))).toEqual(new Set(['a.txt']))
  })
})

describeWith(['git'], 'the pre-commit hook', () => {
  async function cloneWithHook(): Promise<{
    cwd: string
    commit: () => Promise<{ code: number; output: string }>
  }> {
    const { cwd, git } = await repository()
    mkdirSync(join(cwd, '.githooks'))
    cpSync(join(root, '.githooks/pre-commit'), join(cwd, '.githooks/pre-commit'))
    chmodSync(join(cwd, '.githooks/pre-commit'), 0o755)
    await git('config', 'core.hooksPath', '.githooks')
    const settings = ['-c', 'user.name=A', '-c', 'user.email=a@example.com']
    return {
      cwd,
      commit: async () => {
        await git('add', '.')
        return run('git', [...settings, 'commit', '--quiet', '-m', 'x'], { cwd })
      },
    }
  }

  it('refuses a private key even where nothing is installed', async () => {
    const { cwd, commit } = await cloneWithHook()
    writeFileSync(join(cwd, 'a.txt'), privateKey())
    const { code, output: said } = await commit()
    expect(code).toBe(1)
    expect(said).toContain('pre-commit: refused')
  })

  it('lets anything else pass', async () => {
    const { cwd, commit } = await cloneWithHook()
    writeFileSync(join(cwd, 'a.txt'), 'no secret\n')
    expect((await commit()).code).toBe(0)
  })

  it('runs the full scan where the tools are installed', async () => {
    const { cwd, commit } = await cloneWithHook()
    // The clone's tools: this workspace's, which git ignores there as here.
    writeFileSync(join(cwd, '.gitignore'), 'node_modules\nscripts\npackage.json\n')
    for (const name of ['node_modules', 'scripts']) mkdirSync(join(cwd, name))
    mkdirSync(join(cwd, 'node_modules/@secretlint/core'), { recursive: true })
    writeFileSync(
      join(cwd, 'scripts/scan-staged.ts'),
      `import ${JSON.stringify(join(root, 'scripts/scan-staged.ts'))}\n`,
    )
    writeFileSync(join(cwd, 'a.txt'), `ghp_${'a1B2'.repeat(9)}\n`)
    const { code, output: said } = await commit()
    expect(said).toContain('a.txt:1 holds')
    expect(code).toBe(1)
    writeFileSync(join(cwd, 'a.txt'), 'no secret\n')
    expect((await commit()).code).toBe(0)
  })
})

describeWith(['git'], 'prepare', () => {
  const prepare = (cwd: string, env: Record<string, string> = {}): Promise<string> =>
    output(process.execPath, [join(root, 'scripts/prepare.mjs')], {
      cwd,
      env: {
        CI: undefined,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_SYSTEM: '/dev/null',
        ...env,
      },
    })
  const hooksPath = async (cwd: string): Promise<string> =>
    (await run('git', ['config', '--local', 'core.hooksPath'], { cwd })).stdout.trim()

  it('enables the hooks of a clone, once', async () => {
    const { cwd } = await repository()
    await prepare(cwd)
    expect(await hooksPath(cwd)).toBe('.githooks')
    await prepare(cwd)
    expect(await hooksPath(cwd)).toBe('.githooks')
  })

  it('leaves alone: CI, hooks of the user, a folder inside a repository, no repository', async () => {
    const { cwd, git } = await repository()
    await prepare(cwd, { CI: 'true' })
    expect(await hooksPath(cwd)).toBe('')
    mkdirSync(join(cwd, 'inner'))
    await prepare(join(cwd, 'inner'))
    expect(await hooksPath(cwd)).toBe('')
    await git('config', 'core.hooksPath', 'mine')
    await prepare(cwd)
    expect(await hooksPath(cwd)).toBe('mine')
    await prepare(temporaryDirectory())
  })
})

itWith(['git'], 'the hook is executable', async () => {
  expect(
    await run(join(root, '.githooks/pre-commit'), [], { cwd: temporaryDirectory() }),
  ).toMatchObject({
    code: 128,
  })
})

it('reads git objects by their sizes, whatever is in them', () => {
  const one = Buffer.concat([Buffer.from('a1 blob 5\n'), Buffer.from('x\0y\nz'), Buffer.from('\n')])
  const batch = Buffer.concat([
    one,
    Buffer.from('b2 tree 3\nabc\n'),
    Buffer.from('c3 missing\n'),
    Buffer.from('d4 blob 0\n\n'),
  ])
  const blobs = parseBatch(batch, new Map([['a1', 'file.txt']]))
  expect(blobs.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()])).toEqual([
    ['file.txt', 'x\0y\nz'],
    ['d4', ''],
  ])
})
