/** The log of a workspace, and logs apart from any: their keys, and who witnesses them. */
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ed25519NoteSigner } from '@vaultmesh/merkle/node'
import { parseVkey } from '@vaultmesh/merkle/note'
import { parsePolicy } from '@vaultmesh/merkle/policy'
import { openLog, resignLog } from '@vaultmesh/tlog'
import { describe, expect, it } from 'vitest'
import { parseTrustPolicy, type TrustPolicy, verifyBundle } from '../src/verify.ts'
import { cosignerOf } from '../src/workspace/log-place.ts'
import { withLogKey } from '../src/workspace/log-trust.ts'
import { initOwnLog, logOptionsOf, openOwnLog, type Workspace } from '../src/workspace.ts'
import { makeHome } from './kit/home.ts'

const note = { kind: 'note', title: 'One', body: { text: 'text' } } as const

async function policyOf(workspace: Workspace): Promise<TrustPolicy> {
  const parsed = parseTrustPolicy(await workspace.exportPolicy())
  if (!parsed.ok) throw new Error(parsed.problems.join('; '))
  return parsed.policy
}

/** A witness that nobody can reach. */
const witnesses = `# ours
witness w1 w1+179d93bc+BHx6AQSHNkUV5+YaMrmaA7UBqfIZQKju3lck/0VaKAdX http://127.0.0.1:9/
quorum w1
`

describe('the log of a workspace', () => {
  it('gets another key, and all proofs hold under the policy that trusts both', async () => {
    const home = makeHome()
    const made = await home.init()
    const first = await home.open()
    const before = await first.record(note)
    const oldProof = await first.prove(before.id)
    const oldPolicy = await policyOf(first)
    await first.close()

    const second = await home.open()
    const place = await (await second.log()).beginRotation('secret')
    expect(place.keys.retiringLog).toBe(made.keys.log)
    expect(parseVkey(place.keys.log)?.name).toBe(made.origin)
    await second.close()

    // Also where the process ended before it signed again: both sign the next record.
    const third = await home.open({ passphrase: async () => 'secret' })
    expect((await third.log()).keys).toEqual(place.keys)
    const during = await third.record({ ...note, title: 'Two' })
    const proof = await third.prove(during.id)
    const policy = await policyOf(third)
    for (const [bundle, trusted] of [
      [oldProof, policy],
      [proof, policy],
      // Whoever has not heard of the new key yet.
      [proof, oldPolicy],
    ] as const) {
      expect((await verifyBundle(bundle, trusted)).ok).toBe(true)
    }
    const options = await logOptionsOf(await third.log(), {})
    await third.close()
    await resignLog({ ...options, signers: options.signers.slice(0, 1) })

    const fourth = await home.open({ passphrase: async () => 'secret' })
    await (await fourth.log()).endRotation()
    await fourth.close()
    const fifth = await home.open({ passphrase: async () => 'secret' })
    expect((await fifth.log()).keys).toEqual({ log: place.keys.log })
    const after = await fifth.record({ ...note, title: 'Three' })
    const newProof = await fifth.prove(after.id)
    expect((await verifyBundle(newProof, policy)).ok).toBe(true)
    expect((await verifyBundle(newProof, oldPolicy)).ok).toBe(false)
    expect((await verifyBundle(oldProof, await policyOf(fifth))).ok).toBe(true)
  })

  it('asks the witnesses that its policy names, and publishes nothing without them', async () => {
    const home = makeHome()
    await home.init()
    const path = join(home.project, '.vaultmesh', 'trust', 'policy.yaml')
    const text = readFileSync(path, 'utf8')
    const quorum = witnesses.split('\n').slice(1, 3).join('\n          ')
    writeFileSync(path, text.replace('quorum none', quorum))
    const workspace = await home.open()
    expect((await workspace.log()).witnesses?.quorum).toBe('w1')
    await expect(workspace.record(note)).rejects.toMatchObject({ code: 'LOG_NOT_WITNESSED' })
  })
})

describe('the keys of a log in a policy', () => {
  function anotherKey(origin: string): string {
    return ed25519NoteSigner(origin, generateKeyPairSync('ed25519').privateKey).vkey
  }

  async function policyText(): Promise<{ text: string; path: string; origin: string }> {
    const home = makeHome()
    const { origin } = await home.init()
    const path = join(home.project, '.vaultmesh', 'trust', 'policy.yaml')
    return { text: readFileSync(path, 'utf8'), path, origin }
  }

  it('are added after those that are there, and comments stay', async () => {
    const { text, path, origin } = await policyText()
    const vkey = anotherKey(origin)
    const edited = withLogKey({ text: `# mine\n${text}`, path }, origin, vkey)
    expect(edited).toContain('# mine\n')
    expect(edited.indexOf(`log ${vkey}`)).toBeGreaterThan(edited.indexOf(`log ${origin}`))
    expect(edited.indexOf(`log ${vkey}`)).toBeLessThan(edited.indexOf('quorum none'))
  })

  it('are not added to a log that is not there, nor twice', async () => {
    const { text, path, origin } = await policyText()
    const vkey = anotherKey(origin)
    const refused = expect.objectContaining({ code: 'POLICY_INVALID' })
    expect(() => withLogKey({ text, path }, 'example.com/other', vkey)).toThrow(refused)
    const once = withLogKey({ text, path }, origin, vkey)
    expect(() => withLogKey({ text: once, path }, origin, vkey)).toThrow(refused)
    expect(() => withLogKey({ text: 'logs: []', path }, origin, vkey)).toThrow(refused)
  })
})

describe('a log apart from any workspace', () => {
  const origin = 'example.com/audit'

  it('is made, found by its origin, written to, and given another key', async () => {
    const { env, path, keyring } = makeHome()
    const directory = join(path, 'audit')
    const made = await initOwnLog({ origin, directory, passphrase: 'secret', env })
    const passphrase = async (): Promise<string> => 'secret'
    const place = await openOwnLog({ origin, directory, env, passphrase })
    expect(place).toMatchObject({ origin, directory, keys: made.keys })
    const log = await openLog(await logOptionsOf(place, { lockTimeoutMs: 0 }))
    expect((await log.add(Buffer.from('one')).published).index).toBe(0n)
    await log.close()
    const next = await place.beginRotation('secret')
    await resignLog(await logOptionsOf(next, {}))
    const found = await openOwnLog({ origin, directory, env, passphrase })
    expect(found.keys).toEqual(next.keys)
    expect((await found.signers()).length).toBe(2)
    const last = await found.endRotation()
    expect(last.keys).toEqual({ log: next.keys.log })
    expect(readdirSync(keyring).length).toBe(2)
    const locked = await openOwnLog({ origin, directory, env })
    await expect(locked.signers()).rejects.toMatchObject({ code: 'PASSPHRASE_NEEDED' })
  })

  it('keeps its witnesses', async () => {
    const { env, path } = makeHome()
    const directory = join(path, 'audit')
    await initOwnLog({ origin, directory, witnesses, passphrase: null, env })
    const place = await openOwnLog({ origin, directory, env })
    const parsed = parsePolicy(witnesses)
    expect(place.witnesses).toEqual(parsed.ok && parsed.policy)
    expect(cosignerOf(place, undefined)).toBeDefined()
    const kept = await openOwnLog({ origin, directory, env })
    await expect(
      openLog(await logOptionsOf(kept, {})).then((log) => log.add(Buffer.from('one')).published),
    ).rejects.toMatchObject({
      code: 'LOG_NOT_WITNESSED',
    })
  })

  it('leaves no key behind where it can not be made', async () => {
    const { env, path, keyring } = makeHome()
    const options = { origin, directory: join(path, 'audit'), passphrase: null, env }
    for (const [more, code] of [
      [{ origin: 'two words' }, 'ORIGIN_INVALID'],
      [{ witnesses: 'quorum' }, 'POLICY_INVALID'],
    ] as const) {
      await expect(initOwnLog({ ...options, ...more })).rejects.toMatchObject({ code })
    }
    expect(existsSync(keyring)).toBe(false)
    await initOwnLog(options)
    await expect(initOwnLog(options)).rejects.toMatchObject({ code: 'WORKSPACE_EXISTS' })
    const other = { ...options, origin: 'example.com/other' }
    await expect(initOwnLog(other)).rejects.toMatchObject({ code: 'LOG_EXISTS' })
    const ended = {
      ...other,
      directory: join(path, 'other'),
      signal: AbortSignal.abort(new Error('enough')),
    }
    await expect(initOwnLog(ended)).rejects.toThrow('enough')
    expect(readdirSync(keyring).length).toBe(1)
    await expect(openOwnLog({ origin: other.origin, directory: path, env })).rejects.toMatchObject({
      code: 'LOG_UNKNOWN',
    })
  })

  it('is not opened where its configuration or key is not its own', async () => {
    const { env, path, keyring } = makeHome()
    const directory = join(path, 'audit')
    await initOwnLog({ origin, directory, passphrase: null, env })
    const folder = join(path, '.config', 'vaultmesh', 'logs')
    const file = join(folder, readdirSync(folder)[0] ?? '')
    const text = readFileSync(file, 'utf8')
    for (const changed of [
      'nothing',
      text.replace('version: 0', 'version: 1'),
      text.replaceAll(origin, 'example.com/other'),
      `${text}witnesses: quorum\n`,
      `${text}more: true\n`,
    ]) {
      writeFileSync(file, changed)
      await expect(openOwnLog({ origin, directory, env })).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      })
    }
    writeFileSync(file, text)
    await initOwnLog({ origin: 'example.com/b', directory: join(path, 'b'), passphrase: null, env })
    const [a = '', b = ''] = readdirSync(keyring)
    writeFileSync(join(keyring, a), readFileSync(join(keyring, b)))
    writeFileSync(join(keyring, b), readFileSync(join(keyring, a)))
    const places = [
      await openOwnLog({ origin, directory, env }),
      await openOwnLog({ origin: 'example.com/b', directory: join(path, 'b'), env }),
    ]
    const read = await Promise.allSettled(places.map((place) => place.signers()))
    expect(read.filter(({ status }) => status === 'rejected').length).toBe(1)
  })
})
