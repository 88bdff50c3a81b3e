import { encodeBase64, encodeHex } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  type BuiltRecord,
  buildRecord,
  encodeBody,
  encodeEntry,
  isSameContent,
  maxBodyBytes,
  parseBody,
  parseRecord,
  type RecordContext,
  type RecordDraft,
  type RecordSigner,
  saltBody,
  sealRecord,
} from '../src/index.ts'
import { ada, decision, embedded, namespace, noon, recordSigner, sourceOf } from './kit/scene.ts'

const context: RecordContext = { namespace, now: noon }
const digest = { sha256: 'ab'.repeat(32) }
const deployment: RecordDraft = {
  kind: 'deployment',
  title: 'api to prod',
  subject: [{ digest, name: 'registry.example.com/api' }],
  details: { service: 'api', environment: 'prod', outcome: 'succeeded' },
}

function codeOf(draft: RecordDraft): string {
  try {
    buildRecord(draft, context)
    return 'none'
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error)
  }
}

describe('buildRecord', () => {
  it('adds namespace, time and nonce, and digests the salted body', () => {
    const random = (length: number) => new Uint8Array(length).fill(7)
    const { record, body } = buildRecord(decision, { ...context, random })
    expect(record).toMatchObject({
      namespace,
      occurredAt: '2026-11-23T12:00:00Z',
      kind: 'decision',
    })
    expect(record.predicate['recordNonce']).toBe(encodeBase64(new Uint8Array(16).fill(7)))
    expect(body?.body).toEqual({
      mediaType: 'text/markdown',
      salt: encodeBase64(new Uint8Array(16).fill(7)),
      text: 'Because it is there.',
    })
    expect(record.subject).toEqual([{ digest: { sha256: body?.digest }, name: 'body' }])
    expect(encodeHex(sha256(body?.bytes ?? new Uint8Array()))).toBe(body?.digest)
    // The text is not in the log, unless its writer wants it there.
    expect(new TextDecoder().decode(record.bytes)).not.toContain('Because')
  })

  it('makes two records of two equal drafts', () => {
    const [a, b] = [buildRecord(decision, context), buildRecord(decision, context)]
    expect(a.record.id).not.toBe(b.record.id)
    expect(a.body?.digest).not.toBe(b.body?.digest)
  })

  it('takes every optional member', () => {
    const { record } = buildRecord(
      {
        ...deployment,
        occurredAt: '2026-11-22T00:00:00.123Z',
        tags: ['release'],
        links: [{ rel: 'see', uri: 'https://example.com/' }],
        idempotencyKey: 'ci-1',
      },
      { ...context, after: { origin: 'o', size: 3n, root: new Uint8Array(32) } },
    )
    expect(record).toMatchObject({
      occurredAt: '2026-11-22T00:00:00.123Z',
      tags: ['release'],
      idempotencyKey: 'ci-1',
      after: { origin: 'o', size: 3n },
    })
  })

  test.each<[string, RecordDraft]>([
    ['a decision without body', { kind: 'decision', title: 'x', details: { status: 'accepted' } }],
    ['a decision with a subject', { ...decision, subject: [{ digest, name: 'x' }] }],
    ['a deployment with a body', { ...deployment, body: { text: 'x' } }],
    ['a deployment without subject', { kind: 'deployment', title: 'x' }],
    ['a title without characters', { ...decision, title: '' }],
    ['a detail in the place of a member', { ...decision, details: { title: 'x' } }],
    ['a date that is none', { ...decision, occurredAt: new Date('x') }],
    ['a time that is none', { ...decision, occurredAt: 'yesterday' }],
    ['a lone surrogate', { ...decision, body: { text: '\ud800' } }],
    ['a detail that JSON can not hold', { ...decision, details: { n: Number.NaN } }],
    ['a status that there is not', { ...decision, details: { status: 'perhaps' } }],
  ])('refuses %s', (_, draft) => {
    expect(codeOf(draft)).toBe('DRAFT_INVALID')
  })

  it('refuses more than 24 KiB', () => {
    const inline = (length: number) => ({
      ...decision,
      body: { text: 'x'.repeat(length), inline: true },
    })
    expect(codeOf(inline(20_000))).toBe('none')
    expect(codeOf(inline(25_000))).toBe('RECORD_TOO_LARGE')
    expect(codeOf({ ...decision, body: { text: 'x'.repeat(25_000) } })).toBe('none')
  })

  it('refuses, or builds what the reader takes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.jsonValue(), (title, value) => {
        try {
          const { record } = buildRecord(
            { ...decision, title, details: { status: 'accepted', value } },
            context,
          )
          expect(parseRecord(record.bytes).ok).toBe(true)
        } catch (error) {
          expect(error).toMatchObject({ name: 'RemembrancerError' })
        }
      }),
    )
  })
})

describe('the same content', () => {
  const withBody = ({ record, body }: BuiltRecord) => ({ record, body: body?.body })
  const build = (draft: RecordDraft, more: Partial<RecordContext> = {}) =>
    withBody(buildRecord(draft, { ...context, ...more }))

  it('does not depend on nonce, salt, time and head', () => {
    const after = { origin: 'o', size: 3n, root: new Uint8Array(32) }
    const later = new Date('2027-01-01T00:00:00Z')
    expect(isSameContent(build(decision), build(decision, { after, now: later }))).toBe(true)
    expect(isSameContent(build(deployment), build(deployment))).toBe(true)
    const inline = { ...decision, body: { text: 'x', inline: true } }
    expect(isSameContent(build(inline), build(inline))).toBe(true)
  })

  test.each<[string, RecordDraft]>([
    ['another title', { ...decision, title: 'Another' }],
    ['another text', { ...decision, body: { text: 'Another.' } }],
    [
      'another media type',
      {
        ...decision,
        body: { ...decision.body, text: 'Because it is there.', mediaType: 'text/plain' },
      },
    ],
    ['the same text inline', { ...decision, body: { text: 'Because it is there.', inline: true } }],
    ['another status', { ...decision, details: { status: 'rejected' } }],
    ['a tag more', { ...decision, tags: ['x'] }],
    ['another kind', { ...decision, kind: 'note' }],
  ])('is not there with %s', (_, draft) => {
    expect(isSameContent(build(decision), build(draft))).toBe(false)
  })

  it('is not there with another subject', () => {
    const other = { ...deployment, subject: [{ digest, name: 'elsewhere/api' }] }
    expect(isSameContent(build(deployment), build(other))).toBe(false)
  })
})

describe('parseBody', () => {
  const salted = saltBody({ text: 'Hello' }, new Uint8Array(16))

  it('reads back what is written', () => {
    expect(parseBody(salted.bytes)).toEqual({ ok: true, value: salted.body })
    expect(encodeBody(salted.body)).toEqual(salted.bytes)
  })

  it('refuses anything else', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(255), (at, byte) => {
        const bytes = salted.bytes.slice()
        bytes[at % bytes.length] = byte
        const read = parseBody(bytes)
        expect(read.ok ? encodeBody(read.value) : bytes).toEqual(bytes)
      }),
    )
    expect(parseBody(new Uint8Array(maxBodyBytes + 1)).ok).toBe(false)
  })
})

describe('sealRecord', () => {
  const { record } = buildRecord(decision, context)

  it('has every source stamp every signature', async () => {
    const signers = [ada, recordSigner('bob')]
    const entry = await sealRecord(record, {
      signers,
      sources: [sourceOf(embedded), sourceOf(embedded)],
    })
    expect(entry.signatures.map(({ keyid }) => keyid)).toEqual(signers.map(({ keyid }) => keyid))
    expect(entry.timestamps.map(({ over }) => over)).toEqual([0, 0, 1, 1])
    expect(encodeEntry(entry).length).toBeLessThan(65_535)
  })

  it('measures before anything is signed', async () => {
    let signed = 0
    const counting: RecordSigner = {
      keyid: ada.keyid,
      maxSignatureBytes: 64,
      sign: (data) => {
        signed += 1
        return ada.sign(data)
      },
    }
    const large = buildRecord(
      { ...decision, body: { text: 'x'.repeat(24_000), inline: true } },
      context,
    )
    const sources = [{ ...sourceOf(embedded), maxTokenBytes: 30_000 }]
    await expect(sealRecord(large.record, { signers: [counting], sources })).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
    })
    expect(signed).toBe(0)
  })

  it('measures again what a source or signer has made longer than it said', async () => {
    const sources = [{ stamp: () => Promise.resolve(new Uint8Array(50_000)) }]
    await expect(sealRecord(record, { signers: [ada], sources })).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
    })
  })

  it('refuses no signer, nine signers, and 17 tokens', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, i) => recordSigner(`key ${i}`))
    const source = sourceOf(embedded)
    for (const seal of [
      { signers: [], sources: [source] },
      { signers: many(9), sources: [] },
      { signers: [ada], sources: Array.from({ length: 17 }, () => source) },
    ]) {
      await expect(sealRecord(record, seal)).rejects.toMatchObject({ code: 'SIGNER_FAILED' })
    }
  })
})
