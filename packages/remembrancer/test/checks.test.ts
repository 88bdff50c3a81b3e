import { decodeUtf8, encodeBase64, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { describe, expect, it, test } from 'vitest'
import {
  buildRecord,
  encodeEntry,
  parseBundle,
  parseEntry,
  sealRecord,
  writeCanonicalJson,
} from '../src/index.ts'
import {
  type CheckId,
  checkIds,
  type TrustPolicy,
  type Verdict,
  verifyBundle,
} from '../src/verify.ts'
import { ed25519Key } from './kit/keys.ts'
import { witness } from './kit/log.ts'
import {
  ada,
  authorityMember,
  type BundleOptions,
  begin,
  decision,
  embedded,
  independent,
  keyMember,
  logMember,
  makeAuthority,
  makeBundle,
  makeEntry,
  namespace,
  noon,
  origin,
  type PolicyDocument,
  policyDocument,
  policyOf,
  recordSigner,
  respond,
  sourceOf,
} from './kit/scene.ts'

const bob = recordSigner('bob')
const mallory = recordSigner('mallory')
const stranger = makeAuthority('stranger', false)
const require = { independentTime: false, signatures: 1, timestamps: 1, witnesses: false }
const policy = policyOf(policyDocument())

/** Each check that is neither `pass` nor `skipped`, with its status. */
function findings({ checks }: Verdict): Partial<Record<CheckId, string>> {
  const notable = checks.filter(({ status }) => status !== 'pass' && status !== 'skipped')
  return Object.fromEntries(notable.map(({ id, status }) => [id, status]))
}

const weak = { 'time.independent': 'warn', 'log.witnessed': 'warn' }

async function judge(options: BundleOptions, more: PolicyDocument = {}): Promise<Verdict> {
  return verifyBundle(await makeBundle(options), policyOf(policyDocument(more)))
}

describe('a whole bundle', () => {
  it('passes, with what is weak as warnings', async () => {
    const verdict = await judge({})
    expect(verdict.ok).toBe(true)
    expect(verdict.checks.map(({ id }) => id)).toEqual(checkIds)
    expect(findings(verdict)).toEqual(weak)
    expect(verdict.warnings).toEqual([
      'no independent authority attests the time: the owner of the log could have set the clock',
      'no quorum of witnesses is named: the owner of this log could show others a different one',
    ])
    expect(verdict.record).toMatchObject({
      kind: 'decision',
      namespace,
      title: 'Use PostgreSQL for orders',
      occurredAt: '2026-11-23T12:00:00Z',
      attestedAt: '2026-11-23T12:00:00Z',
      origin,
      index: '1',
      predicate: { status: 'accepted' },
    })
  })

  it('passes without a warning where an independent clock and witnesses speak for it', async () => {
    const north = witness('north.example', noon)
    const verdict = await judge(
      { sources: [sourceOf(independent)], log: { witnesses: [north] } },
      {
        logs: [logMember(`witness north ${north.vkey}\nquorum north\n`)],
        require: { independentTime: true, signatures: 1, timestamps: 1, witnesses: true },
      },
    )
    expect(findings(verdict)).toEqual({})
    expect(verdict).toMatchObject({ ok: true, warnings: [] })
  })
})

describe('another way to check Ed25519', () => {
  const north = witness('north.example', noon)
  const logs = [logMember(`witness north ${north.vkey}\nquorum north\n`)]
  const trusted = policyOf(policyDocument({ logs }))
  const witnessed = () => makeBundle({ log: { witnesses: [north] } })

  it('is asked about the record, its log and the witnesses', async () => {
    const asked: boolean[] = []
    const verdict = await verifyBundle(await witnessed(), trusted, {
      verify(...signed) {
        const holds = nodeVerifyEd25519(...signed)
        asked.push(holds)
        return holds
      },
    })
    expect(asked).toEqual([true, true, true])
    expect(findings(verdict)).toEqual({ 'time.independent': 'warn' })
  })

  it('decides alone, whether it refuses or fails', async () => {
    for (const verify of [() => false, () => Promise.reject(new Error('no'))]) {
      expect(findings(await verifyBundle(await witnessed(), trusted, { verify }))).toEqual({
        'signature.valid': 'fail',
        'log.checkpoint': 'fail',
      })
    }
  })
})

describe('a bundle that can not be read', () => {
  test.each(['', '{}', 'null', '[]', '\u0000'])(
    '%j fails, and the rest is skipped',
    async (text) => {
      const verdict = await verifyBundle(encodeUtf8(text), policy)
      expect(verdict.checks.map(({ id }) => id)).toEqual(checkIds)
      expect(verdict.checks.map(({ status }) => status)).toEqual([
        'fail',
        ...Array(checkIds.length - 1).fill('skipped'),
      ])
      expect(verdict).toMatchObject({ ok: false, warnings: [] })
      expect(verdict.record).toBeUndefined()
    },
  )

  it('fails at the entry', async () => {
    const verdict = await judge({ entry: encodeUtf8('{}') })
    expect(findings(verdict)).toEqual({ 'entry.format': 'fail' })
  })

  it('fails at the record', async () => {
    const entry = { ...(await makeEntry()), payload: encodeUtf8('{}') }
    expect(findings(await judge({ entry }))).toEqual({ 'record.format': 'fail' })
  })

  it('gives a failed check even where the policy itself breaks', async () => {
    const broken: TrustPolicy = {
      ...policy,
      get keys(): never {
        throw new Error('no keys today')
      },
    }
    const verdict = await verifyBundle(await makeBundle(), broken)
    expect(findings(verdict)).toMatchObject({ 'signature.key': 'fail' })
    expect(verdict.ok).toBe(false)
  })
})

describe('record.body', () => {
  const inline = { ...decision, body: { text: 'Because.', inline: true } }

  it('passes for an inline body that is the one digested', async () => {
    expect(findings(await judge({ draft: inline }))).toEqual(weak)
  })

  it('fails for another text', async () => {
    const { record } = buildRecord(inline, { namespace, now: noon })
    const forged = decodeUtf8(record.bytes)?.replace('Because.', 'Not so.') ?? ''
    const bytes = encodeUtf8(forged)
    const entry = await sealRecord(
      { ...record, bytes },
      { signers: [ada], sources: [sourceOf(embedded)] },
    )
    expect(findings(await judge({ entry }))).toEqual({ ...weak, 'record.body': 'fail' })
  })
})

describe('signature.key', () => {
  it('does not trust a stranger', async () => {
    expect(findings(await judge({ signers: [mallory] }))).toEqual({
      'signature.key': 'untrusted',
      'log.witnessed': 'warn',
    })
  })

  it('does not trust a key outside of its namespaces', async () => {
    const keys = [keyMember(ada.publicKey, 'Ada', { namespaces: ['other'] })]
    expect(findings(await judge({}, { keys }))).toMatchObject({ 'signature.key': 'untrusted' })
  })

  it('misses a second signer', async () => {
    const two = { require: { ...require, signatures: 2 } }
    expect(findings(await judge({}, two))).toMatchObject({ 'signature.key': 'missing' })
    expect(findings(await judge({ signers: [ada, mallory] }, two))).toMatchObject({
      'signature.key': 'untrusted',
    })
    const keys = [keyMember(ada.publicKey), keyMember(bob.publicKey, 'Bob')]
    expect(findings(await judge({ signers: [ada, bob] }, { ...two, keys }))).toEqual(weak)
  })

  describe('of an agent', () => {
    const note = { kind: 'note', title: 'All is well', body: { text: 'So it is.' } } as const
    const robin = recordSigner('robin')
    const keys = [
      keyMember(ada.publicKey),
      keyMember(robin.publicKey, 'Robin', { roles: ['agent'] }),
    ]
    const ofKey = ({ checks }: Verdict) => checks.find(({ id }) => id === 'signature.key')

    it('counts for a decision, and the verdict says whose it is', async () => {
      const verdict = await judge({ signers: [robin] }, { keys })
      expect(ofKey(verdict)).toMatchObject({
        status: 'pass',
        detail: 'signed in the name of Robin (an agent)',
      })
      expect(verdict.warnings[0]).toBe("every signature that counts is an agent's")
      const both = await judge({ signers: [robin, ada] }, { keys })
      expect(ofKey(both)?.detail).toBe('signed in the name of Robin (an agent), Ada')
      expect(both.warnings).not.toContain(verdict.warnings[0])
    })

    it('does not count for a note', async () => {
      expect(ofKey(await judge({ draft: note, signers: [robin] }, { keys }))).toMatchObject({
        status: 'untrusted',
        detail:
          'trusted signers for payments: 0 of the 1 required; signatures by agents, who may not sign a note: Robin',
      })
      const both = await judge({ draft: note, signers: [robin, ada] }, { keys })
      expect(ofKey(both)?.detail).toBe('signed in the name of Ada')
    })

    it('is not looked at over what it may not sign', async () => {
      const entry = await makeEntry({ draft: note, signers: [ada, robin] })
      const [first, second] = entry.signatures
      if (first === undefined || second === undefined) throw new Error('two signatures')
      const signatures = [first, { ...second, sig: new Uint8Array(64) }]
      expect((await judge({ entry: { ...entry, signatures } }, { keys })).ok).toBe(true)
    })
  })

  it('is not moved by a stranger who signs too', async () => {
    expect(findings(await judge({ signers: [mallory, ada] }))).toEqual(weak)
  })
})

describe('signature.valid', () => {
  it('fails for a signature of another record', async () => {
    const one = await makeEntry()
    const other = await makeEntry({ draft: { ...decision, title: 'Another' } })
    const verdict = await judge({ entry: { ...one, signatures: other.signatures } })
    expect(findings(verdict)).toEqual({ 'signature.valid': 'fail', 'log.witnessed': 'warn' })
  })

  it('fails for a signature in the name of another', async () => {
    const entry = await makeEntry({ signers: [mallory] })
    const signatures = entry.signatures.map((signature) => ({ ...signature, keyid: ada.keyid }))
    expect(findings(await judge({ entry: { ...entry, signatures } }))).toMatchObject({
      'signature.valid': 'fail',
    })
  })

  it('fails as soon as one trusted signature of two is bad', async () => {
    const keys = [keyMember(ada.publicKey), keyMember(bob.publicKey, 'Bob')]
    const entry = await makeEntry({ signers: [ada, bob] })
    const [first, second] = entry.signatures
    if (first === undefined || second === undefined) throw new Error('two signatures are needed')
    const signatures = [first, { ...second, sig: first.sig }]
    expect(findings(await judge({ entry: { ...entry, signatures } }, { keys }))).toMatchObject({
      'signature.valid': 'fail',
    })
  })
})

describe('time.token', () => {
  it('is missing where there is none', async () => {
    expect(findings(await judge({ sources: [] }))).toEqual({
      'time.token': 'missing',
      'log.witnessed': 'warn',
    })
  })

  it('passes without tokens where none is required', async () => {
    const none = { require: { ...require, timestamps: 0 } }
    const verdict = await judge({ sources: [] }, none)
    expect(findings(verdict)).toEqual(weak)
    expect(verdict.record?.attestedAt).toBeUndefined()
  })

  it('is untrusted where only an unknown authority stamped', async () => {
    expect(findings(await judge({ sources: [sourceOf(stranger)] }))).toMatchObject({
      'time.token': 'untrusted',
    })
  })

  it('ignores an unknown authority beside a known one', async () => {
    const sources = [sourceOf(stranger), sourceOf(embedded)]
    expect(findings(await judge({ sources }))).toEqual(weak)
  })

  it('fails for a token over another signature', async () => {
    const one = await makeEntry()
    const other = await makeEntry({ draft: { ...decision, title: 'Another' } })
    expect(findings(await judge({ entry: { ...one, timestamps: other.timestamps } }))).toEqual({
      'time.token': 'fail',
      'log.witnessed': 'warn',
    })
  })

  it('fails for a response where a token belongs, and for bytes that are neither', async () => {
    const entry = await makeEntry({ sources: [] })
    const imprint = new Uint8Array(32)
    for (const der of [respond(embedded, imprint, noon), Uint8Array.of(0x30, 0)]) {
      const verdict = await judge({ entry: { ...entry, timestamps: [{ der, over: 0 }] } })
      expect(findings(verdict)).toMatchObject({ 'time.token': 'fail' })
    }
  })

  it('fails where one token of two is bad', async () => {
    const entry = await makeEntry({ sources: [sourceOf(embedded), sourceOf(independent)] })
    const other = await makeEntry()
    const timestamps = [...entry.timestamps.slice(0, 1), ...other.timestamps]
    expect(findings(await judge({ entry: { ...entry, timestamps } }))).toMatchObject({
      'time.token': 'fail',
    })
  })

  it('counts authorities, not tokens', async () => {
    const two = { require: { ...require, timestamps: 2 } }
    const twice = [sourceOf(embedded), sourceOf(embedded)]
    expect(findings(await judge({ sources: twice }, two))).toMatchObject({
      'time.token': 'missing',
    })
    const both = [sourceOf(embedded), sourceOf(independent)]
    expect(findings(await judge({ sources: both }, two))).toEqual({ 'log.witnessed': 'warn' })
  })

  it('does not look at a token over a signature that does not count', async () => {
    const entry = await makeEntry({ signers: [ada, mallory] })
    const timestamps = entry.timestamps.map(({ der, over }) =>
      over === 1 ? { der: Uint8Array.of(1), over } : { der, over },
    )
    expect(findings(await judge({ entry: { ...entry, timestamps } }))).toEqual(weak)
    const onlyHers = timestamps.slice(1)
    expect(findings(await judge({ entry: { ...entry, timestamps: onlyHers } }))).toMatchObject({
      'time.token': 'missing',
    })
  })
})

describe('time.independent', () => {
  it('is missing where the policy asks for it', async () => {
    const asked = { require: { ...require, independentTime: true } }
    expect(findings(await judge({}, asked))).toEqual({
      'time.independent': 'missing',
      'log.witnessed': 'warn',
    })
  })
})

describe('signature.window', () => {
  const until = (validUntil: string) => ({
    keys: [keyMember(ada.publicKey, 'Ada', { validUntil })],
  })

  it('is untrusted outside of the window, which ends where it says', async () => {
    expect(findings(await judge({}, until('2026-11-23T12:00:00.001Z')))).toEqual(weak)
    const ended = { ...weak, 'signature.window': 'untrusted' }
    expect(findings(await judge({}, until('2026-11-23T12:00:00Z')))).toEqual(ended)
  })

  it('is untrusted before the key was', async () => {
    const keys = [keyMember(ada.publicKey, 'Ada', { validFrom: '2026-11-23T12:00:01Z' })]
    const verdict = await judge({}, { keys })
    expect(findings(verdict)).toEqual({ ...weak, 'signature.window': 'untrusted' })
    expect(verdict.record?.attestedAt).toBeUndefined()
  })

  it('is missing for a key with an end where no time is attested', async () => {
    const none = { require: { ...require, timestamps: 0 } }
    const verdict = await judge({ sources: [] }, { ...until('2030-01-01T00:00:00Z'), ...none })
    expect(findings(verdict)).toEqual({ ...weak, 'signature.window': 'missing' })
  })

  it('takes the earliest time', async () => {
    const later = new Date('2026-11-23T13:00:00Z')
    const sources = [sourceOf(independent, later), sourceOf(independent, noon)]
    const verdict = await judge({ sources }, until('2026-11-23T12:30:00Z'))
    expect(findings(verdict)).toEqual({ 'log.witnessed': 'warn' })
    expect(verdict.record?.attestedAt).toBe('2026-11-23T12:00:00Z')
  })

  it('does not let a self-issued clock backdate what an independent one saw', async () => {
    const later = new Date('2026-11-23T13:00:00Z')
    const sources = [sourceOf(embedded, noon), sourceOf(independent, later)]
    const verdict = await judge({ sources }, until('2026-11-23T12:30:00Z'))
    expect(findings(verdict)).toMatchObject({ 'signature.window': 'untrusted' })
  })
})

describe('log.origin', () => {
  it('does not trust an unknown log', async () => {
    expect(
      findings(await judge({ log: { origin: 'example.com/vm/elsewhere', key: ed25519Key('x') } })),
    ).toEqual({
      'time.independent': 'warn',
      'log.origin': 'untrusted',
    })
  })

  it('does not trust a log outside of its namespaces', async () => {
    const logs = [{ ...logMember(), namespaces: ['other'] }]
    expect(findings(await judge({}, { logs }))).toEqual({
      'time.independent': 'warn',
      'log.origin': 'untrusted',
    })
  })
})

describe('log.checkpoint', () => {
  it('fails for another key of the same name', async () => {
    expect(findings(await judge({ log: { key: ed25519Key('forger') } }))).toEqual({
      'time.independent': 'warn',
      'log.checkpoint': 'fail',
    })
  })

  it('fails for an extension line', async () => {
    expect(findings(await judge({ log: { extensions: ['more'] } }))).toMatchObject({
      'log.checkpoint': 'fail',
    })
  })
})

describe('log.inclusion', () => {
  it('fails for an entry that is not there', async () => {
    const bundle = parseBundle(await makeBundle())
    const other = parseBundle(await makeBundle())
    if (!bundle.ok || !other.ok) throw new Error('both bundles can be read')
    const members = JSON.parse(decodeUtf8(await makeBundle()) ?? '')
    const swapped = { ...members, entry: encodeBase64(other.value.entry) }
    expect(findings(await verifyBundle(writeCanonicalJson(swapped), policy))).toEqual({
      'time.independent': 'warn',
      'log.inclusion': 'fail',
      'log.witnessed': 'warn',
    })
  })
})

describe('log.witnessed', () => {
  const north = witness('north.example', noon)
  const logs = [logMember(`witness north ${north.vkey}\nquorum north\n`)]
  const asked = { ...require, witnesses: true }

  it('is missing where the quorum did not cosign, or none is named', async () => {
    const missing = { 'time.independent': 'warn', 'log.witnessed': 'missing' }
    expect(findings(await judge({}, { logs, require: asked }))).toEqual(missing)
    expect(findings(await judge({}, { require: asked }))).toEqual(missing)
    const unknown = { witnesses: [witness('south.example', noon)] }
    expect(findings(await judge({ log: unknown }, { logs, require: asked }))).toEqual(missing)
  })

  it('warns where the quorum did not cosign, and need not', async () => {
    const verdict = await judge({}, { logs })
    expect(findings(verdict)).toEqual(weak)
    expect(verdict.warnings).toContain(
      'the quorum did not cosign: the owner of this log could show others a different one',
    )
  })
})

describe('record.after', () => {
  async function after(size: bigint, of = origin): Promise<Verdict> {
    const seen = { origin: of, size, root: new Uint8Array(32) }
    const { record } = buildRecord(decision, { namespace, now: noon, after: seen })
    const entry = await sealRecord(record, { signers: [ada], sources: [sourceOf(embedded)] })
    return judge({ entry, index: 2, size: 3 })
  }

  it('fails for a head that the entry itself is part of', async () => {
    expect(findings(await after(2n))).toEqual(weak)
    expect(findings(await after(3n))).toEqual({ ...weak, 'record.after': 'fail' })
  })

  it('says nothing about another log', async () => {
    expect(findings(await after(99n, 'example.com/other'))).toEqual(weak)
  })
})

test('a detail can be shown as it is: what it quotes is spelled out', async () => {
  const evil = 'example.com/\u202e\u009b2Jsdrawkcab'
  const { checks } = await judge({ log: { origin: evil } })
  expect(checks.find(({ id }) => id === 'log.origin')?.detail).toBe(
    'the policy does not know the log example.com/\\u{202e}\\u{9b}2Jsdrawkcab',
  )
})

test('a time after the attested one is a warning', async () => {
  const verdict = await judge({ draft: { ...decision, occurredAt: '2026-11-24T00:00:00Z' } })
  expect(verdict.ok).toBe(true)
  expect(verdict.warnings.at(-1)).toBe(
    'the record says that it occurred at 2026-11-24T00:00:00Z, after it was stamped at 2026-11-23T12:00:00Z',
  )
})

test('the window of a time authority bounds its tokens', async () => {
  const timeAuthorities = [authorityMember(embedded, { validUntil: '2026-11-23T11:00:00Z' })]
  expect(findings(await judge({}, { timeAuthorities }))).toMatchObject({ 'time.token': 'fail' })
  expect(begin < '2026-11-23T11:00:00Z').toBe(true)
})

test('entries and bundles of the scene are what they seem', async () => {
  const entry = await makeEntry({ signers: [ada, bob] })
  const read = parseEntry(encodeEntry(entry))
  expect(read.ok && read.value.signatures.map(({ keyid }) => keyid)).toEqual([ada.keyid, bob.keyid])
})
