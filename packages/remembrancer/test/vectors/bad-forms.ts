/** Vectors whose form is wrong. */
import { decodeUtf8, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { encodeEntry, type RecordDraft } from '../../src/index.ts'
import { makeBundle, makeEntry } from '../kit/scene.ts'
import {
  changeProof,
  type Json,
  recordOf,
  sealBytes,
  type VectorCase,
  withBundle,
  withEntry,
  withRecord,
  withText,
} from './case.ts'

type Make = () => Promise<Uint8Array>

function bundle(name: string, why: string, make: Make): VectorCase {
  return { name, policy: 'basic', why, failing: { 'bundle.format': 'fail' }, make }
}

function entry(name: string, why: string, make: Make): VectorCase {
  return { name, policy: 'basic', why, failing: { 'entry.format': 'fail' }, make }
}

function record(
  name: string,
  why: string,
  change: (statement: Json) => void,
  draft?: RecordDraft,
): VectorCase {
  const make = () => withRecord(change, draft)
  return { name, policy: 'basic', why, failing: { 'record.format': 'fail' }, make }
}

async function withEntryText(change: (text: string) => string): Promise<Uint8Array> {
  const text = decodeUtf8(encodeEntry(await makeEntry())) ?? ''
  return makeBundle({ entry: encodeUtf8(change(text)) })
}

async function withRecordText(change: (text: string) => string): Promise<Uint8Array> {
  const text = decodeUtf8(recordOf().bytes) ?? ''
  return makeBundle({ entry: await sealBytes(encodeUtf8(change(text))) })
}

const deployment: RecordDraft = {
  kind: 'deployment',
  title: 'api to production',
  subject: [{ digest: { sha256: 'ab'.repeat(32) }, name: 'registry.example.com/api' }],
  details: { service: 'api', environment: 'production', outcome: 'succeeded' },
}

const bundleCases: readonly VectorCase[] = [
  bundle('bundle-duplicate-key', 'a key stands twice: readers differ on which one counts', () =>
    withText((text) => text.replace('"hints":{}', '"hints":{},"hints":{}')),
  ),
  bundle('bundle-space', 'white space is not canonical', () =>
    withText((t) => t.replace('":{}', '": {}')),
  ),
  bundle('bundle-trailing-newline', 'something follows the value', () => withText((t) => `${t}\n`)),
  bundle('bundle-byte-order-mark', 'a byte order mark stands before the value', () =>
    withText((t) => `\ufeff${t}`),
  ),
  bundle('bundle-key-order', 'keys are not in the order of RFC 8785', () =>
    withText((text) => `{"related":[],${text.slice(1, -',"related":[]}'.length)}}`),
  ),
  bundle('bundle-escape', 'a character is escaped without need', () =>
    withText((text) => text.replace('"mediaType":"a', '"mediaType":"\\u0061')),
  ),
  bundle('bundle-unknown-member', 'a member that v0 does not know', () =>
    withBundle((b) => Object.assign(b, { comment: 'x' })),
  ),
  bundle('bundle-missing-member', 'the hints are missing', () =>
    withBundle((b) => Reflect.deleteProperty(b, 'hints')),
  ),
  bundle('bundle-media-type', 'another version of the format', () =>
    withBundle((b) => Object.assign(b, { mediaType: 'application/vnd.vaultmesh.proof.v1+json' })),
  ),
  bundle('bundle-related', 'no kind speaks about another record yet', () =>
    withBundle((b) => Object.assign(b, { related: [{ entry: b.entry, proof: b.proof }] })),
  ),
  bundle('bundle-base64-unpadded', 'the padding of base64 is missing', () =>
    withBundle((b) => Object.assign(b, { entry: 'AA' })),
  ),
  bundle(
    'bundle-base64-stray-bits',
    'the last character of base64 has bits that mean nothing',
    () => withBundle((b) => Object.assign(b, { entry: 'AB==' })),
  ),
  bundle('bundle-unknown-hint', 'a hint that v0 does not know', () =>
    withBundle((b) => Object.assign(b, { hints: { policy: 'trust me' } })),
  ),
  bundle('proof-extra', 'nothing signs the extra line of a tlog-proof', () =>
    withBundle((b) => changeProof(b, (lines) => lines.splice(1, 0, 'extra AAAA'))),
  ),
  bundle('proof-index-leading-zero', 'an index has one spelling', () =>
    withBundle((b) => changeProof(b, (lines) => lines.splice(1, 1, 'index 01'))),
  ),
  bundle('proof-short-hash', 'a hash has 32 bytes', () =>
    withBundle((b) => changeProof(b, (lines) => lines.splice(2, 1, 'AAAA'))),
  ),
  bundle('proof-without-checkpoint', 'the checkpoint is missing', () =>
    withBundle((b) => Object.assign(b, { proof: b.proof.split('\n\n')[0] })),
  ),
  bundle('checkpoint-size-leading-zero', 'the size of a checkpoint has one spelling', () =>
    withBundle((b) => Object.assign(b, { proof: b.proof.replace('\n3\n', '\n03\n') })),
  ),
  bundle('checkpoint-unsigned', 'a note has at least one signature', () =>
    withBundle((b) => Object.assign(b, { proof: b.proof.slice(0, b.proof.indexOf('— ')) })),
  ),
]

const entryCases: readonly VectorCase[] = [
  entry('entry-duplicate-key', 'a key stands twice, one level down', () =>
    withEntryText((text) => text.replace('"timestamps"', '"timestamps":[],"timestamps"')),
  ),
  entry('entry-space', 'the leaf is not canonical', () => withEntryText((text) => ` ${text}`)),
  entry('entry-unknown-member', 'a member of the entry that v0 does not know', () =>
    withEntry((e) => Object.assign(e, { comment: 'x' })),
  ),
  entry('envelope-unknown-member', 'a member of the envelope that v0 does not know', () =>
    withEntry((e) => Object.assign(e.envelope, { comment: 'x' })),
  ),
  entry('signature-unknown-member', 'a member of a signature that v0 does not know', () =>
    withEntry((e) => Object.assign(e.envelope.signatures[0], { cert: 'x' })),
  ),
  entry('wrong-payload-type', 'the signature would be over another kind of document', () =>
    withEntry((e) => Object.assign(e.envelope, { payloadType: 'application/json' })),
  ),
  entry('no-signatures', 'an entry has at least one signature', () =>
    withEntry((e) => {
      e.envelope.signatures = []
      e.timestamps = []
    }),
  ),
  entry('duplicate-keyid', 'one keyid stands twice', () =>
    withEntry((e) => e.envelope.signatures.push(e.envelope.signatures[0])),
  ),
  entry('unknown-algorithm', 'a keyid of an algorithm that v0 does not know', () =>
    withEntry((e) =>
      Object.assign(e.envelope.signatures[0], { keyid: `ecdsa:${'ab'.repeat(32)}` }),
    ),
  ),
  entry('keyid-upper-case', 'hex is lower case', () =>
    withEntry((e) => {
      const [signature] = e.envelope.signatures
      signature.keyid = signature.keyid
        .replace(/[a-f]/g, (c: string) => c.toUpperCase())
        .replace('ED25519', 'ed25519')
    }),
  ),
  entry('signature-63-bytes', 'an Ed25519 signature has 64 bytes', () =>
    withEntry((e) =>
      Object.assign(e.envelope.signatures[0], { sig: Buffer.alloc(63, 1).toString('base64') }),
    ),
  ),
  entry('signature-stray-bits', 'base64 inside the entry has one spelling too', () =>
    withEntry((e) => {
      const [signature] = e.envelope.signatures
      signature.sig = `${signature.sig.slice(0, -3)}B==`
    }),
  ),
  entry('token-over-nothing', 'a token over a signature that is not there', () =>
    withEntry((e) => Object.assign(e.timestamps[0], { over: 1 })),
  ),
  entry('token-over-text', 'the index of a signature is a number', () =>
    withEntry((e) => Object.assign(e.timestamps[0], { over: '0' })),
  ),
  entry('entry-oversize', 'an entry has at most 65,535 bytes; this one has up to four more', () =>
    withEntry((e) => {
      const room = 65_536 - JSON.stringify(e).length + e.envelope.payload.length
      e.envelope.payload = 'A'.repeat(4 * Math.ceil(room / 4))
    }),
  ),
]

const recordCases: readonly VectorCase[] = [
  {
    ...record('record-duplicate-key', 'a key stands twice in what was signed', () => undefined),
    make: () => withRecordText((text) => text.replace('"title":', '"title":"Other","title":')),
  },
  {
    ...record('record-space', 'what was signed is not canonical', () => undefined),
    make: () => withRecordText((text) => text.replace('":', '": ')),
  },
  record('record-oversize', 'a record has at most 24,576 bytes; this one has 24,577', (s) => {
    s.predicate.pad = ''
    s.predicate.pad = 'x'.repeat(24_577 - Buffer.byteLength(JSON.stringify(s)))
  }),
  record('statement-unknown-member', 'a member of the statement that v0 does not know', (s) => {
    s.comment = 'x'
  }),
  record('statement-type', 'another version of in-toto', (s) => {
    s._type = 'https://in-toto.io/Statement/v0.1'
  }),
  record('unknown-kind', 'a kind that is planned and not yet known', (s) => {
    s.predicateType = 'https://vaultmesh.cloud/memory/erasure/v0'
  }),
  record('schema-violation', 'a decision has no such status', (s) => {
    s.predicate.status = 'perhaps'
  }),
  record('schema-missing-member', 'a decision has a status', (s) => {
    Reflect.deleteProperty(s.predicate, 'status')
  }),
  record('title-bidi', 'a bidirectional control makes a terminal show another title', (s) => {
    s.predicate.title = 'reject \u202etpecca'
  }),
  record('title-control', 'an escape sequence in a title', (s) => {
    s.predicate.title = 'red \u001b[31m'
  }),
  record('title-too-long', 'a title has at most 200 characters; this one has 201', (s) => {
    s.predicate.title = '🚀'.repeat(201)
  }),
  record('namespace-upper-case', 'a namespace is an RFC 1123 label', (s) => {
    s.predicate.namespace = 'Payments'
  }),
  record('occurred-on-no-day', 'the 30th of February', (s) => {
    s.predicate.occurredAt = '2026-02-30T12:00:00Z'
  }),
  record('occurred-in-a-zone', 'times are in UTC, with Z', (s) => {
    s.predicate.occurredAt = '2026-11-23T12:00:00+00:00'
  }),
  record('occurred-in-microseconds', 'times have 0 or 3 fraction digits', (s) => {
    s.predicate.occurredAt = '2026-11-23T12:00:00.123456Z'
  }),
  record('nonce-short', 'a nonce has 16 bytes', (s) => {
    s.predicate.recordNonce = 'AAAAAAAAAAAAAAAAAAAA'
  }),
  record('after-leading-zero', 'a size has one spelling', (s) => {
    s.predicate.after = { origin: 'a', root: Buffer.alloc(32).toString('base64'), size: '01' }
  }),
  record('after-too-large', 'a size is at most 2^64 - 1', (s) => {
    const root = Buffer.alloc(32).toString('base64')
    s.predicate.after = { origin: 'a', root, size: '18446744073709551616' }
  }),
  record('tags-twice', 'a tag stands once', (s) => {
    s.predicate.tags = ['a', 'b', 'a']
  }),
  record('link-to-script', 'a link is an https URL or a URN', (s) => {
    s.predicate.links = [{ rel: 'see', uri: 'javascript:alert(1)' }]
  }),
  record('subject-empty', 'a subject is never empty', (s) => {
    s.subject = []
  }),
  record('subject-digest-upper-case', 'hex is lower case', (s) => {
    s.subject[0].digest.sha256 = s.subject[0].digest.sha256.toUpperCase().replace(/[0-9]/, 'A')
  }),
  record('subject-unknown-member', 'a descriptor is exactly digest and name', (s) => {
    s.subject[0].uri = 'https://example.com/'
  }),
  record(
    'body-of-deployment',
    'a deployment has no body, so nothing digests this text',
    (s) => {
      s.predicate.body = { mediaType: 'text/plain', salt: 'AAAAAAAAAAAAAAAAAAAAAA==', text: 'x' }
    },
    deployment,
  ),
]

export const badForms: readonly VectorCase[] = [...bundleCases, ...entryCases, ...recordCases]
