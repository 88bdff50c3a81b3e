import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import { createTimestampRequest, parseTimestamp, verifyTimestamp } from '@vaultmesh/tsp'
import { createAuthority } from '@vaultmesh/tsp/node'
import { describe, expect, it } from 'vitest'
import {
  initOwnAuthority,
  keyringProblems,
  type OwnAuthorityOptions,
  ownAuthorityKey,
  readOwnAuthority,
} from '../src/workspace.ts'
import { type Home, makeHome } from './kit/home.ts'

function optionsOf({ env, clock }: Home, more: Partial<OwnAuthorityOptions> = {}) {
  return { name: 'clock', passphrase: null, clock, env, ...more }
}

function folderOf({ path }: Home): string {
  return join(path, '.config', 'vaultmesh', 'tsa')
}

describe('a time authority of a user', () => {
  it('is read again, and its key stamps under its anchor', async () => {
    const home = makeHome()
    const made = await initOwnAuthority(optionsOf(home, { accuracy: 2, policy: '1.2.3.4' }))
    expect(await readOwnAuthority('clock', home.env)).toEqual(made)
    expect(made).toMatchObject({ name: 'clock', accuracy: 2, policy: '1.2.3.4' })
    const privateKey = await ownAuthorityKey(made, home.env, async () => undefined)
    const authority = createAuthority({ ...made, privateKey, clock: home.clock })
    const digest = sha256(new TextEncoder().encode('a report'))
    const request = createTimestampRequest({ imprint: digest, certificates: true })
    const parsed = parseTimestamp(authority.respond(request))
    if (!parsed.ok) throw new Error(parsed.detail)
    const authorities = [
      { name: 'clock', selfIssued: true, anchors: [made.anchor], pins: [], validFrom: new Date(0) },
    ]
    const verdict = await verifyTimestamp(parsed.token, { digest, authorities, policy: '1.2.3.4' })
    expect(verdict.ok).toBe(true)
  })

  it('keeps an encrypted key, for its owner alone', async () => {
    const home = makeHome()
    const passphrase = 'correct horse'
    const made = await initOwnAuthority(optionsOf(home, { passphrase, algorithm: 'RSA-3072' }))
    const [file = ''] = readdirSync(home.keyring)
    expect(statSync(join(home.keyring, file)).mode & 0o777).toBe(0o600)
    expect(readFileSync(join(home.keyring, file), 'utf8')).toContain('ENCRYPTED')
    const key = await ownAuthorityKey(made, home.env, async () => passphrase)
    expect(key.asymmetricKeyDetails?.modulusLength).toBe(3072)
    await expect(ownAuthorityKey(made, home.env, async () => undefined)).rejects.toMatchObject({
      code: 'PASSPHRASE_NEEDED',
    })
  })

  it.each([
    [{ name: '../clock' }, 'AUTHORITY_INVALID'],
    [{ policy: 'no oid' }, 'AUTHORITY_INVALID'],
    [{ accuracy: 0 }, 'AUTHORITY_INVALID'],
    [{ years: 9000 }, 'AUTHORITY_INVALID'],
    [{ passphrase: '' }, 'PASSPHRASE_NEEDED'],
  ])('is not made with %j, and nothing is left', async (more, code) => {
    const home = makeHome()
    await expect(initOwnAuthority(optionsOf(home, more))).rejects.toMatchObject({ code })
    expect(existsSync(folderOf(home))).toBe(false)
    expect(existsSync(home.keyring)).toBe(false)
  })

  it('is not made twice', async () => {
    const home = makeHome()
    await initOwnAuthority(optionsOf(home))
    await expect(initOwnAuthority(optionsOf(home))).rejects.toMatchObject({
      code: 'AUTHORITY_EXISTS',
    })
    expect(readdirSync(home.keyring)).toHaveLength(1)
    expect(readdirSync(folderOf(home))).toEqual(['clock'])
  })

  it('leaves nothing where its folder can not be made', async () => {
    const home = makeHome()
    mkdirSync(join(home.path, '.config', 'vaultmesh'), { recursive: true, mode: 0o700 })
    writeFileSync(folderOf(home), 'a file')
    await expect(initOwnAuthority(optionsOf(home))).rejects.toThrow()
    expect(readdirSync(home.keyring)).toEqual([])
  })

  it('is missing, or can not be used, in words', async () => {
    const home = makeHome()
    await expect(readOwnAuthority('clock', home.env)).rejects.toMatchObject({
      code: 'AUTHORITY_MISSING',
    })
    const { folder } = await initOwnAuthority(optionsOf(home))
    const other = await initOwnAuthority(optionsOf(home, { name: 'other' }))
    renameSync(join(other.folder, 'certificate.pem'), join(folder, 'certificate.pem'))
    await expect(readOwnAuthority('clock', home.env)).rejects.toMatchObject({
      code: 'AUTHORITY_INVALID',
      message: expect.stringContaining('not that of the key'),
    })
    writeFileSync(join(folder, 'authority.yaml'), 'version: 1\n')
    await expect(readOwnAuthority('clock', home.env)).rejects.toMatchObject({
      code: 'AUTHORITY_INVALID',
    })
  })
})

describe('what is unsafe about a keyring', () => {
  it('is unknown where there is none, and nothing where it is as it was made', async () => {
    const home = makeHome()
    expect(await keyringProblems(home.env)).toBeUndefined()
    await home.init()
    expect(await keyringProblems(home.env)).toEqual([])
  })

  it('is its folder, or else each file in it', async () => {
    const home = makeHome()
    await home.init()
    const [first = '', second = ''] = readdirSync(home.keyring).sort()
    chmodSync(join(home.keyring, first), 0o640)
    symlinkSync(second, join(home.keyring, 'zz-link'))
    mkdirSync(join(home.keyring, 'zz-folder'))
    const problems = (await keyringProblems(home.env)) ?? []
    expect(problems.map(({ problem }) => problem)).toEqual([
      `${join(home.keyring, first)} has mode 0640, so others can get at it`,
      `${join(home.keyring, 'zz-folder')} is not a file`,
      `${join(home.keyring, 'zz-link')} is a symbolic link`,
    ])
    expect(problems[0]?.fix).toBe(`Fix it with: chmod 600 '${join(home.keyring, first)}'`)
    chmodSync(home.keyring, 0o755)
    expect(await keyringProblems(home.env)).toMatchObject([
      { problem: `${home.keyring} has mode 0755, so others can get at it` },
    ])
  })
})
