import { decodeUtf8, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import {
  parseRecord,
  type RecordKind,
  readCanonicalJson,
  recordId,
  recordKinds,
  writeCanonicalJson,
} from '../src/index.ts'

type Members = Record<string, unknown>

const sha256 = 'ab'.repeat(32)
const gitCommit = 'cd'.repeat(20)

const examples: Readonly<Record<RecordKind, { predicate: Members; subject: Members }>> = {
  artifact: {
    predicate: { mediaType: 'application/gzip', size: '1234' },
    subject: { digest: { sha256, sha512: 'ef'.repeat(64) }, name: 'app-1.2.3.tgz' },
  },
  decision: {
    predicate: { status: 'accepted' },
    subject: { digest: { sha256 }, name: 'body' },
  },
  deployment: {
    predicate: { service: 'api', environment: 'prod', outcome: 'succeeded', version: '1.2.3' },
    subject: { digest: { gitCommit }, name: 'github.com/acme/api' },
  },
  discovery: { predicate: {}, subject: { digest: { sha256 }, name: 'body' } },
  incident: {
    predicate: { severity: 'sev1', status: 'open' },
    subject: { digest: { sha256 }, name: 'body' },
  },
  note: { predicate: {}, subject: { digest: { sha256 }, name: 'body' } },
  routing: {
    predicate: {
      decision: `sha256:${sha256}`,
      outcome: 'routed',
      policy: 'team-1',
      tenant: 'lab',
      offer: 'alder/1xA100/eu-west',
      costMicroUsd: 1_650_000,
    },
    subject: { digest: { sha256 }, name: 'catalog' },
  },
  spawn: {
    predicate: {
      service: 'api',
      template: { digest: `sha256:${sha256}`, id: 'node-service', version: '1' },
      gitCommit,
    },
    subject: { digest: { sha256 }, name: 'api/.vm/manifest.json' },
  },
}

const common = {
  namespace: 'payments',
  occurredAt: '2026-11-23T10:00:00Z',
  recordNonce: '3q2+796tvu/erb7v3q2+7w==',
  title: 'A title',
}

function statement(kind: RecordKind, predicate: Members = {}, more: Members = {}): Members {
  const example = examples[kind]
  return {
    _type: 'https://in-toto.io/Statement/v1',
    predicate: { ...common, ...example.predicate, ...predicate },
    predicateType: `https://vaultmesh.cloud/memory/${kind}/v0`,
    subject: [example.subject],
    ...more,
  }
}

/** The problem of a record, or an empty string. */
function problem(value: unknown): string {
  const read = parseRecord(writeCanonicalJson(value))
  return read.ok ? '' : read.problem
}

describe('parseRecord', () => {
  test.each(recordKinds)('reads a %s, and gives its id', (kind) => {
    const bytes = writeCanonicalJson(statement(kind))
    const read = parseRecord(bytes)
    expect(read).toMatchObject({
      ok: true,
      value: { kind, id: recordId(bytes), title: 'A title', namespace: 'payments', tags: [] },
    })
  })

  it('keeps members that it does not know', () => {
    const read = parseRecord(writeCanonicalJson(statement('note', { mood: { level: 3 } })))
    expect(read.ok && read.value.predicate['mood']).toEqual({ level: 3 })
  })

  it('reads every optional member', () => {
    const read = parseRecord(
      writeCanonicalJson(
        statement('note', {
          after: {
            origin: 'example.com/log',
            root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=',
            size: '18446744073709551615',
          },
          idempotencyKey: 'ci-42',
          links: [
            { rel: 'supersedes', record: `sha256:${sha256}` },
            { rel: 'see', uri: 'https://example.com/x?y=1' },
            { rel: 'see', uri: 'urn:isbn:0451450523' },
          ],
          tags: ['db', 'größe'],
        }),
      ),
    )
    expect(read).toMatchObject({
      ok: true,
      value: {
        after: { origin: 'example.com/log', size: 2n ** 64n - 1n },
        idempotencyKey: 'ci-42',
        tags: ['db', 'größe'],
      },
    })
  })

  const seen = { origin: 'o', root: '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=', size: '1' }
  test.each<[string, Members]>([
    ['a namespace with a capital', { namespace: 'Payments' }],
    ['no title', { title: undefined }],
    ['an empty title', { title: '' }],
    ['a title of 201 characters', { title: '🚀'.repeat(201) }],
    ['a title with a line break', { title: 'a\nb' }],
    ['a title that turns around', { title: 'safe \u202Eelif' }],
    ['a time in another zone', { occurredAt: '2026-11-23T10:00:00+01:00' }],
    ['a day that does not exist', { occurredAt: '2026-02-30T10:00:00Z' }],
    ['a nonce of 15 bytes', { recordNonce: '3q2+796tvu/erb7v3q2+' }],
    ['a nonce with stray bits', { recordNonce: '3q2+796tvu/erb7v3q2+7x==' }],
    ['an idempotency key with a space', { idempotencyKey: 'a b' }],
    ['an idempotency key of 129', { idempotencyKey: 'a'.repeat(129) }],
    ['a size with a leading zero', { after: { ...seen, size: '01' } }],
    ['a size as a number', { after: { ...seen, size: 1 } }],
    ['a size of 2^64', { after: { ...seen, size: '18446744073709551616' } }],
    ['a root of 31 bytes', { after: { ...seen, root: 'AAAA' } }],
    ['an unknown member of after', { after: { ...seen, more: 1 } }],
    ['33 links', { links: Array(33).fill({ rel: 'a', uri: 'urn:ab:c' }) }],
    [
      'a link to two things',
      { links: [{ rel: 'a', uri: 'urn:ab:c', record: `sha256:${sha256}` }] },
    ],
    ['a link to nothing', { links: [{ rel: 'a' }] }],
    ['a link to a plain page', { links: [{ rel: 'a', uri: 'http://example.com' }] }],
    ['a link to a script', { links: [{ rel: 'a', uri: 'javascript:alert(1)' }] }],
    ['a rel with a capital', { links: [{ rel: 'See', uri: 'urn:ab:c' }] }],
    ['a tag twice', { tags: ['a', 'a'] }],
    ['33 tags', { tags: Array.from({ length: 33 }, (_, i) => `t${i}`) }],
    ['a tag of 65', { tags: ['a'.repeat(65)] }],
    ['tags that are no list', { tags: 'a' }],
  ])('refuses %s', (_, predicate) => {
    expect(problem(statement('note', predicate))).not.toBe('')
  })

  test.each<[string, RecordKind, Members, Members]>([
    ['a status that there is not', 'decision', { status: 'maybe' }, {}],
    ['a decision without status', 'decision', { status: undefined }, {}],
    ['a severity that there is not', 'incident', { severity: 'sev5' }, {}],
    ['an outcome that there is not', 'deployment', { outcome: 'fine' }, {}],
    ['a deployment without service', 'deployment', { service: undefined }, {}],
    ['a size of 2^64', 'artifact', { size: '18446744073709551616' }, {}],
    ['a template without digest', 'spawn', { template: { id: 'a', version: '1' } }, {}],
    ['a short commit', 'spawn', { gitCommit: 'abcdef0' }, {}],
    ['a routing without its decision', 'routing', { decision: undefined }, {}],
    ['a routing that came to something else', 'routing', { outcome: 'lost' }, {}],
    ['a part of a micro-dollar', 'routing', { costMicroUsd: 0.5 }, {}],
    ['a cost below 0', 'routing', { costMicroUsd: -1 }, {}],
    ['a cost as text', 'routing', { costMicroUsd: '1' }, {}],
    ['a routing of no catalog', 'routing', {}, { subject: [{ digest: { sha256 }, name: 'x' }] }],
    ['an inline body for a deployment', 'deployment', { body: { text: 'x' } }, {}],
    ['an inline body without salt', 'note', { body: { mediaType: 'a/b', text: 'x' } }, {}],
    ['no subject', 'note', {}, { subject: [] }],
    ['two bodies', 'note', {}, { subject: Array(2).fill(examples.note.subject) }],
    ['another name for the body', 'note', {}, { subject: [{ digest: { sha256 }, name: 'x' }] }],
    ['a body by commit', 'note', {}, { subject: [{ digest: { gitCommit }, name: 'body' }] }],
    ['an artifact in a folder', 'artifact', {}, { subject: [{ digest: { sha256 }, name: 'a/b' }] }],
    ['an empty digest', 'deployment', {}, { subject: [{ digest: {}, name: 'a' }] }],
    [
      'a digest in capitals',
      'deployment',
      {},
      { subject: [{ digest: { sha256: 'AB'.repeat(32) }, name: 'a' }] },
    ],
    ['a short sha256', 'deployment', {}, { subject: [{ digest: { sha256: 'ab' }, name: 'a' }] }],
    ['half a byte', 'deployment', {}, { subject: [{ digest: { sha256, md9: 'abc' }, name: 'a' }] }],
    [
      'an unknown member of a subject',
      'note',
      {},
      { subject: [{ ...examples.note.subject, uri: 'x' }] },
    ],
    [
      'a manifest elsewhere',
      'spawn',
      {},
      { subject: [{ digest: { sha256 }, name: 'x/manifest.json' }] },
    ],
    ['another _type', 'note', {}, { _type: 'https://in-toto.io/Statement/v0.1' }],
    [
      'a kind that is only planned',
      'note',
      {},
      { predicateType: 'https://vaultmesh.cloud/memory/merge/v0' },
    ],
    ['another version', 'note', {}, { predicateType: 'https://vaultmesh.cloud/memory/note/v1' }],
    ['an unknown member', 'note', {}, { extra: 1 }],
    ['a missing predicate', 'note', {}, { predicate: undefined }],
    ['a predicate that is a list', 'note', {}, { predicate: [] }],
  ])('refuses %s', (_, kind, predicate, more) => {
    expect(problem(statement(kind, predicate, more))).not.toBe('')
  })

  test.each<[string, unknown]>([
    ['a list', []],
    ['null', null],
    ['a number', 1],
    ['a text', 'x'],
    ['a predicateType that is a number', { ...statement('note'), predicateType: 1 }],
  ])('refuses %s', (_, value) => {
    expect(problem(value)).not.toBe('')
  })

  it('counts characters as people do, not UTF-16 units', () => {
    expect(problem(statement('note', { title: '🚀'.repeat(200) }))).toBe('')
  })

  it('refuses more than 24,576 bytes', () => {
    const padded = (length: number) => statement('note', { pad: 'x'.repeat(length) })
    const room = 24_576 - writeCanonicalJson(padded(0)).length
    expect(problem(padded(room))).toBe('')
    expect(problem(padded(room + 1))).toContain('24576')
  })

  it('never throws on a record that was changed somewhere', () => {
    const bytes = writeCanonicalJson(statement('spawn', { tags: ['a'], after: seen }))
    fc.assert(
      fc.property(fc.nat(), fc.nat(255), (at, byte) => {
        const changed = bytes.slice()
        changed[at % bytes.length] = byte
        const read = parseRecord(changed)
        const again = readCanonicalJson(changed, 24_576)
        expect(!read.ok || again.ok).toBe(true)
      }),
    )
  })

  it('reads members named like those of every object as plain members', () => {
    const text = decodeUtf8(writeCanonicalJson(statement('note', { constructor: 1 }))) ?? ''
    const read = parseRecord(encodeUtf8(text.replace('"constructor"', '"__proto__"')))
    expect(read.ok && Object.hasOwn(read.value.predicate, '__proto__')).toBe(true)
  })
})
