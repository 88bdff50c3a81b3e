import { execFileSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { itWith, sourceFlags } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { parseTrustPolicy } from '../src/verify.ts'
import type { RecordDraft } from '../src/workspace.ts'
import { type Home, makeHome } from './kit/home.ts'

const note: RecordDraft = { kind: 'note', title: 'A note', body: { text: 'x' } }
const isRoot = process.getuid?.() === 0

function modeOf(path: string): string {
  return (statSync(path).mode & 0o777).toString(8)
}

/** Everything under a folder. */
function filesUnder(path: string): string[] {
  return existsSync(path) ? readdirSync(path, { recursive: true, encoding: 'utf8' }).sort() : []
}

/** What is left of an attempt that failed: nothing but the folders above. */
function expectNothingLeft(home: Home): void {
  expect(filesUnder(home.project)).toEqual([])
  expect(filesUnder(home.keyring)).toEqual([])
  expect(filesUnder(join(home.path, '.local', 'state', 'vaultmesh', 'logs'))).toEqual([])
}

describe('initWorkspace', () => {
  it('makes a workspace with keys that are all different', async () => {
    const home = makeHome()
    const made = await home.init()
    expect(made.origin).toMatch(/^vm\.invalid\/[0-9a-f]{32}\/payments$/)
    expect(
      filesUnder(join(home.project, '.vaultmesh')).filter((name) => !name.includes('logs/')),
    ).toEqual([
      '.gitignore',
      'config.yaml',
      'logs',
      'trust',
      'trust/policy.yaml',
      'trust/time-authority.crt',
    ])
    expect(readFileSync(join(home.project, '.vaultmesh', '.gitignore'), 'utf8')).toBe(
      'logs/\nblobs/\nmirrors/\nindex.sqlite*\n',
    )
    const names = filesUnder(home.keyring)
    expect(names.map((name) => name.split('-')[0])).toEqual(['log', 'record', 'time'])
    const keys = names.map((name) => createPrivateKey(readFileSync(join(home.keyring, name))))
    expect(keys.map(({ asymmetricKeyType }) => asymmetricKeyType)).toEqual([
      'ed25519',
      'ed25519',
      'ec',
    ])
    expect(new Set(keys.map((key) => key.export({ type: 'pkcs8', format: 'pem' }))).size).toBe(3)
    expect(modeOf(home.keyring)).toBe('700')
    expect(names.map((name) => modeOf(join(home.keyring, name)))).toEqual(['600', '600', '600'])
    expect(made.keyring).toBe(home.keyring)
    expect(made.state.startsWith(join(home.path, '.local', 'state', 'vaultmesh', 'logs'))).toBe(
      true,
    )
    expect(filesUnder(made.state)).toContain('checkpoint')
  })

  it('trusts its own record key from the second in which it was made', async () => {
    const home = makeHome()
    const made = await home.init({ clock: () => new Date('2026-11-23T12:00:00.900Z') })
    const workspace = await home.open({ clock: () => new Date('2026-11-23T12:00:00.950Z') })
    const parsed = parseTrustPolicy(await workspace.exportPolicy())
    expect(parsed.ok && parsed.policy).toMatchObject({
      keys: [
        {
          namespaces: ['payments'],
          roles: ['record'],
          validFrom: new Date('2026-11-23T12:00:00Z'),
        },
      ],
      logs: [{ origin: made.origin, namespaces: ['payments'] }],
      timeAuthorities: [{ selfIssued: true, validFrom: new Date('2026-11-23T12:00:00Z') }],
      require: { independentTime: false, signatures: 1, timestamps: 1, witnesses: false },
    })
    const { id } = await workspace.record(note)
    expect((await workspace.show(id)).verified).toBe(true)
  })

  it('makes a time authority whose root key is nowhere', async () => {
    const home = makeHome()
    await home.init()
    const path = join(home.project, '.vaultmesh', 'trust', 'time-authority.crt')
    const certificate = new X509Certificate(readFileSync(path))
    expect(certificate.issuer).not.toBe(certificate.subject)
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.8'])
  })

  it('takes a namespace and an origin prefix', async () => {
    const home = makeHome()
    const made = await home.init({ namespace: 'billing', originPrefix: 'example.com/vm' })
    expect(made).toMatchObject({ namespace: 'billing', origin: 'example.com/vm/billing' })
  })

  it('finds a namespace in any folder name', async () => {
    for (const [name, namespace] of [
      ['決定', 'main'],
      ['My Service_2', 'my-service-2'],
      [`${'x'.repeat(62)}--y`, 'x'.repeat(62)],
    ] as const) {
      expect((await makeHome(name).init()).namespace).toBe(namespace)
    }
  })

  it('uses HOME where XDG has no absolute path', async () => {
    const home = makeHome()
    const made = await home.init({ env: { HOME: home.path, XDG_STATE_HOME: 'relative' } })
    expect(made.keyring).toBe(home.keyring)
    expect(made.state.startsWith(join(home.path, '.local', 'state'))).toBe(true)
    await expect(makeHome().init({ env: {} })).rejects.toMatchObject({ code: 'HOME_MISSING' })
    await expect(makeHome().init({ env: { HOME: 'home' } })).rejects.toMatchObject({
      code: 'HOME_MISSING',
    })
  })

  it.each(['Payments', '-', 'a.b', ''])('refuses the namespace %j', async (namespace) => {
    await expect(makeHome().init({ namespace })).rejects.toMatchObject({
      code: 'NAMESPACE_INVALID',
    })
  })

  it.each([
    'https://example.com/vm',
    'example.com/',
    'localhost',
    'example.com/a b',
    'vm.invalid/x',
    'a+b.com',
    '',
  ])('refuses the origin prefix %j', async (originPrefix) => {
    const home = makeHome()
    await expect(home.init({ originPrefix })).rejects.toMatchObject({ code: 'ORIGIN_INVALID' })
    expectNothingLeft(home)
  })

  it.runIf(process.platform === 'linux')('ends where no folder can be made at all', async () => {
    const home = makeHome()
    const env = { HOME: home.path, XDG_CONFIG_HOME: '/proc/nowhere' }
    await expect(home.init({ env })).rejects.toThrow('/proc/nowhere')
    expectNothingLeft(home)
  })

  it('does not touch a workspace that is there', async () => {
    const home = makeHome()
    await home.init()
    const before = filesUnder(home.path)
    await expect(home.init()).rejects.toMatchObject({ code: 'WORKSPACE_EXISTS' })
    expect(filesUnder(home.path)).toEqual(before)
  })

  it('takes an origin once', async () => {
    const home = makeHome()
    await home.init({ originPrefix: 'example.com/vm' })
    rmSync(join(home.project, '.vaultmesh'), { recursive: true })
    const before = filesUnder(home.path)
    await expect(home.init({ originPrefix: 'example.com/vm' })).rejects.toMatchObject({
      code: 'LOG_EXISTS',
    })
    expect(filesUnder(home.path)).toEqual(before)
  })

  it('refuses an empty passphrase', async () => {
    await expect(makeHome().init({ passphrase: '' })).rejects.toMatchObject({
      code: 'PASSPHRASE_NEEDED',
    })
  })

  it('says so where the folder is none', async () => {
    const home = makeHome()
    const file = join(home.path, 'file')
    writeFileSync(file, '')
    for (const directory of [file, join(home.path, 'nowhere')]) {
      await expect(home.init({ directory })).rejects.toMatchObject({
        code: 'WORKSPACE_NOT_WRITABLE',
      })
    }
  })
})

describe('nothing half-made is left', () => {
  it('where the signal was given before, or comes between any two steps', async () => {
    const before = makeHome()
    await expect(before.init({ signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow(
      'stop',
    )
    expectNothingLeft(before)

    // The first look at the signal, the second, ... until none is left to make it fail.
    let aborted = 0
    for (let step = 0; ; step += 1) {
      const home = makeHome()
      const controller = new AbortController()
      const { signal } = controller
      let looks = 0
      const spied = new Proxy(signal, {
        get(target, name) {
          if (name === 'throwIfAborted' || name === 'aborted') {
            looks += 1
            if (looks > step) controller.abort(new Error('stop'))
          }
          const value = Reflect.get(target, name, target)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
      const made = await home.init({ signal: spied }).then(
        () => true,
        () => false,
      )
      if (made) break
      aborted += 1
      expectNothingLeft(home)
    }
    expect(aborted).toBeGreaterThan(3)
  })

  it('where the keyring can not be made', async () => {
    const home = makeHome()
    writeFileSync(join(home.path, '.config'), '')
    await expect(home.init()).rejects.toMatchObject({ code: 'WORKSPACE_NOT_WRITABLE' })
    expectNothingLeft(home)
  })

  it('where the state can not be made', async () => {
    const home = makeHome()
    writeFileSync(join(home.path, '.local'), '')
    await expect(home.init()).rejects.toMatchObject({ code: 'WORKSPACE_NOT_WRITABLE' })
    expect(filesUnder(home.project)).toEqual([])
    expect(filesUnder(home.keyring)).toEqual([])
  })

  it('where another made one meanwhile', async () => {
    const home = makeHome()
    let looks = 0
    const clock = () => {
      looks += 1
      mkdirSync(join(home.project, '.vaultmesh', 'theirs'), { recursive: true })
      return home.clock()
    }
    await expect(home.init({ clock })).rejects.toMatchObject({ code: 'WORKSPACE_EXISTS' })
    expect(looks).toBe(1)
    expect(filesUnder(home.project)).toEqual(['.vaultmesh', '.vaultmesh/theirs'])
    expect(filesUnder(home.keyring)).toEqual([])
  })

  it('where the folder may not be written', async () => {
    const home = makeHome()
    chmodSync(home.project, 0o555)
    const said = isRoot ? sayAsNobody(home) : await home.init().catch(sayOf)
    expect(said).toContain('WORKSPACE_NOT_WRITABLE')
    expect(said).toContain('permission denied')
    expect(filesUnder(home.project)).toEqual([])
    expect(filesUnder(home.path).filter((name) => name.endsWith('.pem'))).toEqual([])
  })
})

function sayOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? `${error.code} ${error.message}` : ''
}

/** What `initWorkspace` says to a user who is not root: root may write anywhere. */
function sayAsNobody({ path, project }: Home): string {
  for (const folder of [path, join(path, 'projects')]) chmodSync(folder, 0o755)
  const home = join(path, 'home')
  mkdirSync(home)
  chmodSync(home, 0o777)
  const script = `
    import { initWorkspace } from '@vaultmesh/remembrancer/workspace'
    process.setgid(65534)
    process.setuid(65534)
    const [, directory, HOME] = process.argv
    const options = { directory, passphrase: null, clock: () => new Date(), env: { HOME } }
    await initWorkspace(options).catch((e) => process.stdout.write(e.code + ' ' + e.message))
  `
  const flags = [...sourceFlags(), '--input-type=module', '--eval', script]
  const cwd = import.meta.dirname
  return execFileSync(process.execPath, [...flags, project, home], { cwd, encoding: 'utf8' })
}

describe('the keyring', () => {
  async function attempt(change: (home: Home, keyFile: string) => void): Promise<Error> {
    const home = makeHome()
    const made = await home.init()
    const name = `record-${made.keys.record.slice('ed25519:'.length)}.pem`
    change(home, join(home.keyring, name))
    const workspace = await home.open()
    const failure = await workspace.record(note).then(
      () => new Error('nothing was refused'),
      (error: Error) => error,
    )
    // Reading needs no key.
    expect(await workspace.timeline()).toEqual([])
    return failure
  }

  it.each([0o640, 0o604, 0o660, 0o644])('refuses a file of mode %o', async (mode) => {
    const failure = await attempt((_, file) => chmodSync(file, mode))
    expect(failure).toMatchObject({ code: 'KEYRING_PERMISSIONS' })
    expect(failure.message).toContain(`has mode 0${mode.toString(8)}`)
    expect(failure.message).toMatch(/chmod 600 '.*\/record-[0-9a-f]{64}\.pem'/)
  })

  it.each([0o750, 0o701, 0o777])('refuses a folder of mode %o', async (mode) => {
    const failure = await attempt(({ keyring }) => chmodSync(keyring, mode))
    expect(failure).toMatchObject({ code: 'KEYRING_PERMISSIONS' })
    expect(failure.message).toMatch(/chmod 700 '.*\/keyring'/)
  })

  it.each<[string, (home: Home, file: string) => void]>([
    [
      'a link in place of a file',
      (home, file) => {
        const real = join(home.path, 'real.pem')
        renameSync(file, real)
        symlinkSync(real, file)
      },
    ],
    [
      'a link in place of the folder',
      ({ path, keyring }) => {
        const real = join(path, 'real')
        renameSync(keyring, real)
        symlinkSync(real, keyring)
      },
    ],
    [
      'a folder in place of a file',
      (_, file) => {
        rmSync(file)
        mkdirSync(file)
      },
    ],
    [
      'a file in place of the folder',
      ({ keyring }) => {
        rmSync(keyring, { recursive: true })
        writeFileSync(keyring, '')
      },
    ],
  ])('refuses %s', async (_, change) => {
    expect(await attempt(change)).toMatchObject({ code: 'KEYRING_PERMISSIONS' })
  })

  it.runIf(isRoot)('refuses what belongs to another user', async () => {
    for (const change of [
      (_: Home, file: string) => chownSync(file, 65534, 65534),
      ({ keyring }: Home) => chownSync(keyring, 65534, 65534),
    ]) {
      const failure = await attempt(change)
      expect(failure).toMatchObject({ code: 'KEYRING_PERMISSIONS' })
      expect(failure.message).toContain('belongs to user 65534')
    }
  })

  it('says which key is missing, or is none, or is another', async () => {
    expect(await attempt((_, file) => rmSync(file))).toMatchObject({ code: 'KEYRING_KEY_MISSING' })
    expect(await attempt(({ keyring }) => rmSync(keyring, { recursive: true }))).toMatchObject({
      code: 'KEYRING_KEY_MISSING',
    })
    expect(await attempt((_, file) => writeFileSync(file, 'x'))).toMatchObject({
      code: 'KEYRING_KEY_INVALID',
    })
    const swap = (wanted: string) => (home: Home) => {
      const other = filesUnder(home.keyring).find((name) => name.startsWith(wanted)) ?? ''
      for (const name of filesUnder(home.keyring)) {
        if (name !== other)
          writeFileSync(join(home.keyring, name), readFileSync(join(home.keyring, other)))
      }
    }
    for (const wanted of ['log', 'record', 'time']) {
      expect(await attempt(swap(wanted)), wanted).toMatchObject({ code: 'KEYRING_KEY_INVALID' })
    }
  })

  it('refuses to be used for a new workspace while it is open to others', async () => {
    const home = makeHome()
    mkdirSync(home.keyring, { recursive: true })
    chmodSync(home.keyring, 0o755)
    await expect(home.init()).rejects.toMatchObject({ code: 'KEYRING_PERMISSIONS' })
    expectNothingLeft(home)
  })
})

describe('a passphrase', () => {
  it('is asked once, and only when a key is needed', async () => {
    const home = makeHome()
    await home.init({ passphrase: 'correct horse' })
    for (const name of filesUnder(home.keyring)) {
      expect(readFileSync(join(home.keyring, name), 'utf8')).toContain(
        'BEGIN ENCRYPTED PRIVATE KEY',
      )
    }
    let asked = 0
    const passphrase = () => {
      asked += 1
      return Promise.resolve('correct horse')
    }
    const workspace = await home.open({ passphrase })
    expect(await workspace.timeline()).toEqual([])
    expect(asked).toBe(0)
    const { id } = await workspace.record(note)
    await workspace.record(note)
    await workspace.prove(id)
    expect(asked).toBe(1)
  })

  it('is named as what is missing or wrong', async () => {
    const home = makeHome()
    await home.init({ passphrase: 'correct horse' })
    await expect((await home.open()).record(note)).rejects.toMatchObject({
      code: 'PASSPHRASE_NEEDED',
    })
    const nobody = await home.open({ passphrase: () => Promise.resolve(undefined) })
    await expect(nobody.record(note)).rejects.toMatchObject({ code: 'PASSPHRASE_NEEDED' })
    const answers = ['battery staple', 'correct horse']
    const learning = await home.open({ passphrase: () => Promise.resolve(answers.shift()) })
    await expect(learning.record(note)).rejects.toMatchObject({ code: 'PASSPHRASE_WRONG' })
    await expect(learning.record(note)).resolves.toMatchObject({ index: 0n })
  })

  itWith(
    ['openssl'],
    'can be undone with openssl, and is stretched by 600,000 rounds',
    async () => {
      const home = makeHome()
      await home.init({ passphrase: 'größe' })
      for (const name of filesUnder(home.keyring)) {
        const file = join(home.keyring, name)
        const openssl = (...args: readonly string[]) =>
          execFileSync('openssl', args, { stdio: 'pipe' }).toString()
        expect(openssl('pkey', '-in', file, '-passin', 'pass:größe', '-noout', '-text')).toMatch(
          /priv/i,
        )
        // 600,000 is 0x0927C0.
        expect(openssl('asn1parse', '-in', file)).toContain('INTEGER           :0927C0')
      }
    },
  )
})
