import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { decodeUtf8 } from '@vaultmesh/merkle/bytes'
import { openDatabase } from '@vaultmesh/tlog/sqlite'
import { describe, expect, it } from 'vitest'
import { parseTrustPolicy, type TrustPolicy, verifyBundle } from '../src/verify.ts'
import type { RecordDraft } from '../src/workspace.ts'
import { type Home, makeHome } from './kit/home.ts'

const decision: RecordDraft = {
  kind: 'decision',
  title: 'Use PostgreSQL for orders',
  body: { text: 'Because it is there.' },
  details: { status: 'accepted' },
  tags: ['db'],
}
const note = (title: string, more: Partial<RecordDraft> = {}): RecordDraft => ({
  kind: 'note',
  title,
  body: { text: `About ${title}` },
  ...more,
})

function policyFrom(bytes: Uint8Array): TrustPolicy {
  const parsed = parseTrustPolicy(bytes)
  if (!parsed.ok) throw new Error(parsed.problems.join('; '))
  return parsed.policy
}

describe('a workspace', () => {
  it('records, shows and proves, and a stranger with the policy verifies', async () => {
    const home = makeHome()
    const made = await home.init()
    const workspace = await home.open()
    expect(workspace).toMatchObject({
      root: home.project,
      namespace: 'payments',
      origin: made.origin,
    })
    await workspace.record(note('first'))
    const recorded = await workspace.record(decision)
    expect(recorded).toMatchObject({
      kind: 'decision',
      index: 1n,
      origin: made.origin,
      repeated: false,
      title: decision.title,
    })

    const timeline = await workspace.timeline()
    expect(timeline.map(({ title }) => title)).toEqual([decision.title, 'first'])
    expect(timeline[0]).toMatchObject({ id: recorded.id, index: 1n, tags: ['db'] })

    const digits = recorded.id.slice('sha256:'.length)
    for (const id of [recorded.id, digits, digits.slice(0, 8)]) {
      expect(await workspace.show(id)).toMatchObject({
        id: recorded.id,
        verified: true,
        attestedAt: recorded.attestedAt,
        body: { state: 'present', mediaType: 'text/markdown', text: 'Because it is there.' },
        signers: [made.keys.record],
        predicate: { status: 'accepted', after: { origin: made.origin, size: '1' } },
      })
    }

    const bundle = await workspace.prove(recorded.id)
    const policy = policyFrom(await workspace.exportPolicy())
    await workspace.close()
    const verdict = await verifyBundle(bundle, policy)
    expect(verdict).toMatchObject({
      ok: true,
      record: { id: recorded.id, attestedAt: recorded.attestedAt, index: '1' },
    })
    // The text is in a blob beside the log, and in neither log nor bundle.
    expect(decodeUtf8(bundle)).not.toContain(Buffer.from('Because it is there.').toString('base64'))
  })

  it('is found from a folder below, and reads without keys, state or lock', async () => {
    const home = makeHome()
    await home.init()
    const writer = await home.open()
    const recorded = await writer.record(decision)
    const below = join(home.project, 'src', 'deep')
    mkdirSync(below, { recursive: true })
    // The writer still holds the lock here.
    const reader = await home.open({ directory: below, env: {} })
    expect(await reader.timeline()).toHaveLength(1)
    expect((await reader.show(recorded.id)).verified).toBe(true)
    expect(
      (await verifyBundle(await reader.prove(recorded.id), policyFrom(await reader.exportPolicy())))
        .ok,
    ).toBe(true)
    await expect(reader.record(decision)).rejects.toMatchObject({ code: 'HOME_MISSING' })
  })

  it('works in paths with spaces and of any writing', async () => {
    const home = makeHome('Größe & 決定 (neu)')
    const made = await home.init()
    expect(made.namespace).toBe('gro-e-neu')
    const workspace = await home.open()
    const { id } = await workspace.record(decision)
    await expect(workspace.prove(id)).resolves.toBeInstanceOf(Uint8Array)
  })

  it('keeps what it was told in the next session', async () => {
    const home = makeHome()
    await home.init()
    const first = await home.open()
    await first.record(note('one'))
    await first.close()
    const second = await home.open()
    await second.record(note('two'))
    expect((await second.timeline()).map(({ title }) => title)).toEqual(['two', 'one'])
    await expect(first.timeline()).rejects.toMatchObject({ code: 'WORKSPACE_CLOSED' })
    await expect(first.record(note('x'))).rejects.toMatchObject({ code: 'WORKSPACE_CLOSED' })
  })

  it('writes many records at once', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, i) => workspace.record(note(`n${i}`))),
    )
    expect(new Set(made.map(({ index }) => index)).size).toBe(12)
    expect(await workspace.timeline()).toHaveLength(12)
    for (const { id } of made) expect((await workspace.show(id)).verified).toBe(true)
  })

  it('lends its record key to other documents', async () => {
    const home = makeHome()
    const made = await home.init()
    const signer = await (await home.open()).signer()
    expect(signer.keyid).toBe(made.keys.record)
    expect(await signer.sign(new Uint8Array(3))).toHaveLength(64)
  })

  it('is closed where its scope ends', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    await workspace[Symbol.asyncDispose]()
    await expect(workspace.signer()).rejects.toMatchObject({ code: 'WORKSPACE_CLOSED' })
  })
})

describe('a timeline', () => {
  it('is of a kind, since a time, and so long', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    await workspace.record(note('old', { occurredAt: '2020-01-01T00:00:00Z' }))
    await workspace.record(decision)
    await workspace.record(note('new'))
    const titles = async (filter: Parameters<typeof workspace.timeline>[0]) =>
      (await workspace.timeline(filter)).map(({ title }) => title)
    expect(await titles({ kind: 'note' })).toEqual(['new', 'old'])
    expect(await titles({ since: new Date('2026-01-01T00:00:00Z') })).toEqual([
      'new',
      decision.title,
    ])
    expect(await titles({ limit: 1 })).toEqual(['new'])
  })
})

describe('an idempotency key', () => {
  const once = { ...decision, idempotencyKey: 'ci/42' }

  it('gives the first record back for the same content', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const first = await workspace.record(once)
    const again = await workspace.record(once)
    expect(again).toEqual({ ...first, repeated: true })
    await workspace.close()
    expect(await (await home.open()).record(once)).toEqual({ ...first, repeated: true })
  })

  it('is a conflict for other content', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    await workspace.record(once)
    for (const other of [
      { ...once, title: 'Use MySQL' },
      { ...once, body: { text: 'Another reason.' } },
      { ...once, details: { status: 'rejected' } },
    ]) {
      await expect(workspace.record(other)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' })
    }
    expect(await workspace.timeline()).toHaveLength(1)
  })

  it('holds for attempts at the same time', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const made = await Promise.all(Array.from({ length: 5 }, () => workspace.record(once)))
    expect(new Set(made.map(({ id }) => id)).size).toBe(1)
    expect(made.filter(({ repeated }) => !repeated)).toHaveLength(1)
    expect(await workspace.timeline()).toHaveLength(1)
  })

  it('is not spent by an attempt that failed', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const bad = workspace.record({ ...once, title: '' })
    const good = workspace.record(once)
    await expect(bad).rejects.toMatchObject({ code: 'DRAFT_INVALID' })
    await expect(good).resolves.toMatchObject({ repeated: false })
  })

  it('can not be compared once the text is gone', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    await workspace.record(once)
    rmSync(join(home.project, '.vaultmesh', 'blobs'), { recursive: true })
    await expect(workspace.record(once)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_CONFLICT',
      message: expect.stringContaining('no longer here'),
    })
  })

  it('works for records without a text', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const deployment: RecordDraft = {
      kind: 'deployment',
      title: 'api to prod',
      subject: [{ digest: { sha256: 'ab'.repeat(32) }, name: 'api' }],
      details: { service: 'api', environment: 'prod', outcome: 'succeeded' },
      idempotencyKey: 'deploy/1',
    }
    const first = await workspace.record(deployment)
    expect(await workspace.record(deployment)).toEqual({ ...first, repeated: true })
    expect((await workspace.show(first.id)).body).toBeUndefined()
  })
})

describe('an id', () => {
  it('is looked up by 8 digits or more, and must be one record’s', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    await workspace.record(decision)
    for (const id of ['', 'sha256:', 'abcdef0', 'ABCDEF01', 'x'.repeat(8), 'ab'.repeat(33)]) {
      await expect(workspace.show(id), id).rejects.toMatchObject({ code: 'RECORD_MISSING' })
    }
    await expect(workspace.prove('00000000')).rejects.toMatchObject({ code: 'RECORD_MISSING' })
  })

  it('that two records share is refused, with both', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    await workspace.record(note('one'))
    await workspace.record(note('two'))
    await workspace.timeline()
    const db = openDatabase(join(home.project, '.vaultmesh', 'index.sqlite'))
    db.exec("UPDATE records SET id = 'sha256:00000000' || substr(id, 16)")
    db.close()
    await expect(workspace.show('00000000')).rejects.toMatchObject({ code: 'RECORD_AMBIGUOUS' })
  })
})

function blobOf(home: Home): string {
  const blobs = join(home.project, '.vaultmesh', 'blobs', 'sha256')
  const [folder = ''] = readdirSync(blobs)
  const [name = ''] = readdirSync(join(blobs, folder))
  return join(blobs, folder, name)
}

describe('a body', () => {
  it('that was erased is shown as absent, and the record still proves', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const { id } = await workspace.record(decision)
    rmSync(blobOf(home))
    const view = await workspace.show(id)
    expect(view.body).toEqual({ state: 'absent', digest: view.subject[0]?.digest['sha256'] })
    await expect(workspace.prove(id)).resolves.toBeInstanceOf(Uint8Array)
  })

  it('that was altered is refused', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const { id } = await workspace.record(decision)
    const path = blobOf(home)
    writeFileSync(path, readFileSync(path, 'utf8').replace('Because', 'becausE'))
    await expect(workspace.show(id)).rejects.toMatchObject({ code: 'BODY_ALTERED' })
    rmSync(path)
    mkdirSync(path)
    await expect(workspace.show(id)).rejects.toMatchObject({ code: 'EISDIR' })
  })

  it('can stand inline', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const { id } = await workspace.record({ ...decision, body: { text: 'For all.', inline: true } })
    rmSync(blobOf(home))
    expect((await workspace.show(id)).body).toMatchObject({ state: 'present', text: 'For all.' })
  })
})

describe('a proof', () => {
  const once = { ...decision, idempotencyKey: 'once' }

  it('that the own policy would refuse is not given out', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const { id } = await workspace.record(decision)
    const path = join(home.project, '.vaultmesh', 'trust', 'policy.yaml')
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace('independentTime: false', 'independentTime: true'),
    )
    await expect(workspace.prove(id)).rejects.toMatchObject({
      code: 'PROOF_REFUSED',
      message: expect.stringContaining('time.independent'),
    })
    expect((await workspace.show(id)).verified).toBe(false)
    // A retry is told when the first attempt was stamped, as long as its token is trusted.
    const first = await workspace.record(once)
    expect(await workspace.record(once)).toEqual({ ...first, repeated: true })
    const noPin = 'pins: ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]'
    writeFileSync(path, readFileSync(path, 'utf8').replace(/pins:\n +- .*/, noPin))
    await expect(workspace.record(once)).rejects.toMatchObject({ code: 'PROOF_REFUSED' })
  })
})

describe('a token that the own policy would refuse', () => {
  const change = (home: Home, from: string | RegExp, to: string) => {
    const path = join(home.project, '.vaultmesh', 'trust', 'policy.yaml')
    const text = readFileSync(path, 'utf8')
    expect(text).toMatch(from)
    writeFileSync(path, text.replace(from, to))
  }

  it('is not logged', async () => {
    const home = makeHome()
    await home.init()
    change(home, /pins:\n +- .*/, 'pins: ["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="]')
    const workspace = await home.open()
    await expect(workspace.record(decision)).rejects.toMatchObject({
      code: 'TIMESTAMP_REFUSED',
      message: expect.stringContaining('token.pin'),
    })
    expect(await workspace.timeline()).toEqual([])
  })

  it('is not even made where the clock stands before the authority', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open({ clock: () => new Date('2020-01-01T00:00:00Z') })
    await expect(workspace.record(decision)).rejects.toMatchObject({ code: 'TIMESTAMP_REFUSED' })
  })
})

describe('the files that people edit', () => {
  async function broken(file: string, change: (text: string) => string): Promise<Home> {
    const home = makeHome()
    await home.init()
    const path = join(home.project, '.vaultmesh', file)
    writeFileSync(path, change(readFileSync(path, 'utf8')))
    return home
  }

  it.each<[string, (text: string) => string]>([
    ['no YAML', () => '{'],
    ['another version', (text) => text.replace('version: 0', 'version: 1')],
    ['an unknown member', (text) => `${text}more: 1\n`],
    ['a member twice', (text) => `${text}version: 0\n`],
    ['a namespace that is none', (text) => text.replace('namespace: payments', 'namespace: ../x')],
    ['a key of another log', (text) => text.replace(/^origin: .*$/m, 'origin: example.com/x')],
    ['a key id that is none', (text) => text.replace(/ed25519:[0-9a-f]+/, 'ed25519:../../x')],
    ['an alias bomb', (text) => `${text}a: &a [1]\nb: *a\n`],
  ])('refuse a config.yaml with %s', async (_, change) => {
    const home = await broken('config.yaml', change)
    await expect(home.open()).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  it('refuse a policy.yaml with a mistake, and name it', async () => {
    const home = await broken('trust/policy.yaml', (text) => text.replace('ed25519', 'rsa'))
    const workspace = await home.open()
    await expect(workspace.exportPolicy()).rejects.toMatchObject({
      code: 'POLICY_INVALID',
      message: expect.stringContaining('keys[0].algorithm'),
    })
  })

  it('may hold comments', async () => {
    const home = await broken('trust/policy.yaml', (text) => `# ours\n${text}`)
    expect(policyFrom(await (await home.open()).exportPolicy()).keys).toHaveLength(1)
  })

  it('must be there', async () => {
    const home = makeHome()
    await home.init()
    rmSync(join(home.project, '.vaultmesh', 'trust', 'policy.yaml'))
    await expect((await home.open()).exportPolicy()).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    })
  })
})

function copyKeyring(from: Home, to: Home): void {
  mkdirSync(to.keyring, { recursive: true, mode: 0o700 })
  for (const name of readdirSync(from.keyring)) {
    writeFileSync(join(to.keyring, name), readFileSync(join(from.keyring, name)), { mode: 0o600 })
  }
}

describe('a second writer', () => {
  it('is refused while the first writes, and let in later', async () => {
    const home = makeHome()
    await home.init()
    const first = await home.open()
    await first.record(note('one'))
    const second = await home.open({ lockTimeoutMs: 1 })
    await expect(second.record(note('two'))).rejects.toMatchObject({ code: 'LOG_LOCKED' })
    await first.close()
    await expect(second.record(note('two'))).resolves.toMatchObject({ index: 1n })
  })

  it('is refused in a copy on another machine: no state, no signature', async () => {
    const home = makeHome()
    await home.init()
    await (await home.open()).record(note('one'))
    const other = makeHome('copy')
    cpSync(join(home.project, '.vaultmesh'), join(other.project, '.vaultmesh'), { recursive: true })
    copyKeyring(home, other)
    const workspace = await other.open({ clock: home.clock })
    await expect(workspace.record(note('two'))).rejects.toMatchObject({ code: 'LOG_STATE_MISSING' })
    expect(await workspace.timeline()).toHaveLength(1)

    await expect(workspace.recoverLog(5n)).rejects.toMatchObject({ code: 'LOG_SIZE_MISMATCH' })
    await workspace.recoverLog(1n)
    await expect(workspace.record(note('two'))).resolves.toMatchObject({ index: 1n })
  })

  it('is refused in a folder that was restored from a backup', async () => {
    const home = makeHome()
    await home.init()
    const first = await home.open()
    await first.record(note('one'))
    const backup = join(home.path, 'backup')
    cpSync(join(home.project, '.vaultmesh'), backup, { recursive: true })
    await first.close()
    // What one process added last could still be made good from what the state holds.
    for (const title of ['two', 'three']) {
      const writer = await home.open()
      await writer.record(note(title))
      await writer.close()
    }
    rmSync(join(home.project, '.vaultmesh'), { recursive: true })
    cpSync(backup, join(home.project, '.vaultmesh'), { recursive: true })
    const workspace = await home.open()
    await expect(workspace.record(note('four'))).rejects.toMatchObject({ code: 'LOG_TREE_BEHIND' })
  })

  it('is refused in a clone that came without the log', async () => {
    const home = makeHome()
    await home.init()
    await (await home.open()).record(note('one'))
    const clone = join(home.path, 'clone')
    cpSync(home.project, clone, { recursive: true })
    rmSync(join(clone, '.vaultmesh', 'logs'), { recursive: true })
    const other = makeHome('elsewhere')
    copyKeyring(home, other)
    const workspace = await home.open({ directory: clone, env: other.env })
    await expect(workspace.record(note('two'))).rejects.toMatchObject({ code: 'LOG_NOT_FOUND' })
    await expect(workspace.timeline()).rejects.toMatchObject({ code: 'LOG_NOT_FOUND' })
    expect(existsSync(join(clone, '.vaultmesh', 'logs'))).toBe(false)
  })
})

it('is not there where nobody made it', async () => {
  const home = makeHome()
  await expect(home.open()).rejects.toMatchObject({ code: 'WORKSPACE_MISSING' })
  await expect(home.open({ directory: join(home.path, 'nowhere') })).rejects.toMatchObject({
    code: 'WORKSPACE_MISSING',
  })
})
