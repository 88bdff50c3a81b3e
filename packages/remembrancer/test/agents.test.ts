/** Programs with keys of their own. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ed25519KeyId } from '../src/trust-policy.ts'
import { parseTrustPolicy, trustPolicyFrom, type Verdict, verifyBundle } from '../src/verify.ts'
import { signersOf } from '../src/workspace/agents.ts'
import type { Workspace } from '../src/workspace.ts'
import { type Home, makeHome } from './kit/home.ts'
import {
  ada,
  decision,
  keyMember,
  makeEntry,
  namespace,
  policyDocument,
  policyOf,
  recordSigner,
} from './kit/scene.ts'

async function judged(workspace: Workspace, id: string): Promise<Verdict> {
  const policy = parseTrustPolicy(await workspace.exportPolicy())
  if (!policy.ok) throw new Error(policy.problems.join('; '))
  return verifyBundle(await workspace.prove(id), policy.policy)
}

async function withAgent(passphrase: string | null = null): Promise<[Home, Workspace]> {
  const home = makeHome()
  await home.init()
  const workspace = await home.open({ passphrase: () => Promise.resolve(passphrase ?? undefined) })
  await workspace.addAgent({ name: 'robin', passphrase })
  return [home, workspace]
}

describe('an agent', () => {
  it("is made with a key of its own, which the policy trusts as an agent's", async () => {
    const [home, workspace] = await withAgent()
    const [agent, ...others] = await workspace.agents()
    expect(others).toEqual([])
    expect(agent).toMatchObject({ name: 'robin', keyid: /^ed25519:[0-9a-f]{64}$/ })
    expect(agent?.keyid).not.toBe(workspace.keys.record)
    const policy = readFileSync(join(home.project, '.vaultmesh/trust/policy.yaml'), 'utf8')
    expect(policy).toContain('roles:\n      - agent\n')
    expect(policy).toMatch(/^# Whom this workspace believes/)
  })

  it('signs decisions, without the record key, and everyone is told that it did', async () => {
    const [, workspace] = await withAgent('correct horse')
    const { id } = await workspace.record(decision, { agent: 'robin' })
    const view = await workspace.show(id)
    const [agent] = await workspace.agents()
    expect(view).toMatchObject({ verified: true, signers: [agent?.keyid], agents: ['robin'] })
    const verdict = await judged(workspace, id)
    expect(verdict.checks.find((check) => check.id === 'signature.key')?.detail).toBe(
      'signed in the name of robin (an agent)',
    )
    const own = await workspace.record({ ...decision, title: 'Mine' })
    expect((await workspace.show(own.id)).agents).toEqual([])
  })

  it('can not sign what agents may not sign, and nothing is logged', async () => {
    const [, workspace] = await withAgent()
    const note = { kind: 'note', title: 'All is well', body: { text: 'x' } } as const
    await expect(workspace.record(note, { agent: 'robin' })).rejects.toMatchObject({
      code: 'AGENT_REFUSED',
    })
    expect(await workspace.timeline()).toEqual([])
  })

  it('repeats a record with the same idempotency key, as others do', async () => {
    const [, workspace] = await withAgent()
    const once = { ...decision, idempotencyKey: 'once' }
    const first = await workspace.record(once, { agent: 'robin' })
    expect(await workspace.record(once, { agent: 'robin' })).toEqual({ ...first, repeated: true })
  })

  it('takes no record of another for its own, nor another one of its', async () => {
    const [, workspace] = await withAgent()
    await workspace.addAgent({ name: 'jay', passphrase: null })
    for (const [first, second] of [
      [{}, { agent: 'robin' }],
      [{ agent: 'robin' }, {}],
      [{ agent: 'robin' }, { agent: 'jay' }],
    ] as const) {
      const once = { ...decision, idempotencyKey: JSON.stringify([first, second]) }
      await workspace.record(once, first)
      await expect(workspace.record(once, second)).rejects.toMatchObject({
        code: 'IDEMPOTENCY_CONFLICT',
      })
    }
    expect(await workspace.timeline()).toHaveLength(3)
  })

  it.each([
    ['another name', 'nobody', 'AGENT_MISSING'],
    ['the name of the record key', 'record key of payments', 'AGENT_MISSING'],
  ])('signs by its name alone: %s', async (_, agent, code) => {
    const [, workspace] = await withAgent()
    await expect(workspace.record(decision, { agent })).rejects.toMatchObject({ code })
  })

  it('signs no more once the policy says so', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    await workspace.addAgent({ name: 'robin', passphrase: null })
    await workspace.record(decision, { agent: 'robin' })
    const later = await home.open({ clock: () => new Date('2026-11-24T00:00:00Z') })
    expect(await later.agents()).toHaveLength(1)
    const path = join(home.project, '.vaultmesh/trust/policy.yaml')
    const text = readFileSync(path, 'utf8')
    writeFileSync(
      path,
      text.replace(/(- agent\n\s+validFrom: \S+\n)/, '$1    validUntil: 2026-11-23T13:00:00Z\n'),
    )
    expect(await workspace.agents()).toHaveLength(1)
    expect(await later.agents()).toEqual([])
    await workspace.close()
    await expect(later.record(decision, { agent: 'robin' })).rejects.toMatchObject({
      code: 'AGENT_MISSING',
    })
    expect((await later.timeline()).length).toBe(1)
    const [kept] = await later.timeline()
    expect((await later.show(kept?.id ?? '')).verified).toBe(true)
  })

  it.each(['', 'Robin', 'a b', '../x', 'x'.repeat(64)])('can not be called %j', async (name) => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    await expect(workspace.addAgent({ name, passphrase: null })).rejects.toMatchObject({
      code: 'AGENT_INVALID',
    })
  })

  it('is made once, and with a passphrase that is one', async () => {
    const [, workspace] = await withAgent()
    await expect(workspace.addAgent({ name: 'robin', passphrase: null })).rejects.toMatchObject({
      code: 'AGENT_EXISTS',
    })
    await expect(workspace.addAgent({ name: 'jay', passphrase: '' })).rejects.toMatchObject({
      code: 'PASSPHRASE_NEEDED',
    })
  })

  it('leaves no key behind where the policy can not be changed', async () => {
    const home = makeHome()
    await home.init()
    const workspace = await home.open()
    const before = readdirSync(home.keyring)
    const path = join(home.project, '.vaultmesh/trust/policy.yaml')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace('independentTime: false', 'independentTime: perhaps'))
    await expect(workspace.addAgent({ name: 'robin', passphrase: null })).rejects.toMatchObject({
      code: 'POLICY_INVALID',
    })
    expect(readdirSync(home.keyring)).toEqual(before)
  })
})

describe('which decisions hold', () => {
  const accepted = (title: string, supersedes?: string) => ({
    ...decision,
    title,
    ...(supersedes === undefined ? {} : { links: [{ rel: 'supersedes', record: supersedes }] }),
  })

  it('is told from their status and from what came after', async () => {
    const [, workspace] = await withAgent()
    const first = await workspace.record(accepted('first'))
    const second = await workspace.record(accepted('second', first.id))
    const proposed = await workspace.record({
      ...accepted('proposed', second.id),
      details: { status: 'proposed' },
    })
    await workspace.record({ ...decision, title: 'rejected', details: { status: 'rejected' } })
    await workspace.record({ ...decision, title: 'gone', details: { status: 'superseded' } })
    await workspace.record({ kind: 'note', title: 'no decision', body: { text: 'x' } })
    const found = await workspace.decisions()
    expect(found.map(({ title, standing }) => [title, standing])).toEqual([
      ['gone', 'superseded'],
      ['rejected', 'rejected'],
      ['proposed', 'proposed'],
      ['second', 'in-force'],
      ['first', 'superseded'],
    ])
    expect(found.at(-1)?.supersededBy).toEqual([second.id])
    const after = await workspace.record(accepted('agreed', proposed.id))
    const [again] = await workspace.decisions({ id: proposed.id })
    expect(again).toMatchObject({ standing: 'superseded', supersededBy: [after.id] })
    const page = await workspace.decisions({ before: 3n, limit: 2 })
    expect(page.map(({ index }) => index)).toEqual([2n, 1n])
  })

  it('is not for an agent to end, where a person decided', async () => {
    const [, workspace] = await withAgent()
    const own = await workspace.record(accepted('by a person'))
    const agents = await workspace.record(accepted('by an agent'), { agent: 'robin' })
    const other = await workspace.record(accepted('it says so', own.id), { agent: 'robin' })
    const next = await workspace.record(accepted('it thought again', agents.id), { agent: 'robin' })
    const [a] = await workspace.decisions({ id: own.id })
    expect(a).toMatchObject({ standing: 'in-force', supersededBy: [], contestedBy: [other.id] })
    const [b] = await workspace.decisions({ id: agents.id })
    expect(b).toMatchObject({ standing: 'superseded', supersededBy: [next.id], agents: ['robin'] })
  })

  it('is for a person to say, however many agents spoke before', async () => {
    const [, workspace] = await withAgent()
    const own = await workspace.record(accepted('by a person'))
    const claims = []
    for (let i = 0; i < 18; i += 1) {
      claims.push(await workspace.record(accepted(`${i}`, own.id), { agent: 'robin' }))
    }
    const next = await workspace.record(accepted('changed our mind', own.id))
    const [item] = await workspace.decisions({ id: own.id })
    expect(item).toMatchObject({ standing: 'superseded', supersededBy: [next.id] })
    expect(item?.contestedBy).toEqual(claims.slice(0, 15).map(({ id }) => id))
  })

  it.each([
    ['a person', {}],
    ['an agent', { agent: 'robin' }],
  ])('is not told from the signature of %s whom the policy trusts no more', async (_, options) => {
    const [home, workspace] = await withAgent()
    await workspace.addAgent({ name: 'jay', passphrase: null })
    const old = await workspace.record(accepted('old'), options)
    const other = await workspace.record(accepted('other', old.id), { agent: 'jay' })
    const key = (await workspace.show(old.id)).signers[0]
    const path = join(home.project, '.vaultmesh/trust/policy.yaml')
    const policy = trustPolicyFrom(parse(readFileSync(path, 'utf8')))
    if (!policy.ok) throw new Error(policy.problems.join('; '))
    const gone = policy.policy.keys.find(({ publicKey }) => ed25519KeyId(publicKey) === key)
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(
        encodeBase64(gone?.publicKey ?? new Uint8Array()),
        encodeBase64(ada.publicKey),
      ),
    )
    expect(await workspace.decisions({ id: old.id })).toMatchObject([
      { standing: 'untrusted', supersededBy: [], contestedBy: [other.id], isByAgents: false },
    ])
    expect((await workspace.show(old.id)).verified).toBe(false)
  })

  it('is not told from fewer signatures than the policy asks for', async () => {
    const [home, workspace] = await withAgent()
    const old = await workspace.record(accepted('old'), { agent: 'robin' })
    const other = await workspace.record(accepted('other', old.id), { agent: 'robin' })
    const path = join(home.project, '.vaultmesh/trust/policy.yaml')
    const text = readFileSync(path, 'utf8')
    writeFileSync(path, text.replace('signatures: 1', 'signatures: 2'))
    expect(await workspace.decisions({ id: old.id })).toMatchObject([
      { standing: 'untrusted', supersededBy: [], contestedBy: [other.id], isByAgents: true },
    ])
    expect((await workspace.show(old.id)).verified).toBe(false)
  })

  it('is not for an agent to end in the name of another', async () => {
    const robin = recordSigner('robin')
    const keys = [
      keyMember(ada.publicKey),
      keyMember(robin.publicKey, 'Robin', { roles: ['agent'] }),
    ]
    const policy = policyOf(policyDocument({ keys }))
    const entry = await makeEntry({ signers: [robin] })
    const forged = {
      keyid: ada.keyid,
      algorithm: 'ed25519',
      sig: new Uint8Array(64).fill(7),
    } as const
    const signatures = [...entry.signatures, forged]
    expect(await signersOf({ ...entry, signatures }, namespace, policy)).toEqual({
      agents: ['Robin'],
      hasOthers: false,
      areEnough: true,
    })
    const both = await makeEntry({ signers: [robin, ada, recordSigner('mallory')] })
    expect(await signersOf(both, namespace, policy)).toMatchObject({
      agents: ['Robin'],
      hasOthers: true,
    })
    expect(await signersOf(both, 'elsewhere', policy)).toEqual({
      agents: [],
      hasOthers: false,
      areEnough: false,
    })
  })

  it('is not told from a link that points ahead or to itself', async () => {
    const [, workspace] = await withAgent()
    const later = await workspace.record(accepted('later', `sha256:${'0'.repeat(64)}`))
    expect(await workspace.decisions({ id: later.id })).toMatchObject([{ standing: 'in-force' }])
  })
})
