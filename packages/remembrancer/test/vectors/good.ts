/** Vectors that must verify. */
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import { buildRecord, openpgpSigner, type RecordDraft } from '../../src/index.ts'
import {
  ada,
  type BundleOptions,
  decision,
  embedded,
  independent,
  makeBundle,
  namespace,
  noon,
  origin,
  sourceOf,
} from '../kit/scene.ts'
import { sealed, type VectorCase, withBundle } from './case.ts'
import {
  bob,
  grace,
  heidi,
  mallory,
  north,
  type PolicyName,
  robin,
  sam,
  south,
  stranger,
  west,
} from './policies.ts'

function good(
  name: string,
  why: string,
  options: BundleOptions | (() => Promise<Uint8Array>) = {},
  policy: PolicyName = 'basic',
): VectorCase {
  const make = typeof options === 'function' ? options : () => makeBundle(options)
  return { name, policy, why, failing: {}, make }
}

const sha256 = '0123456789abcdef'.repeat(4)
const gitCommit = '0123456789abcdef0123456789abcdef01234567'

function kind(draft: RecordDraft, why: string): VectorCase {
  return good(draft.kind, why, { draft })
}

const note: RecordDraft = { kind: 'note', title: 'Größe, 決定, 🚀', body: { text: '' } }

const routing: RecordDraft = {
  kind: 'routing',
  title: 'Route 1xA100 for lab to alder/1xA100/eu-west',
  subject: [{ digest: { sha256 }, name: 'catalog' }],
  details: {
    decision: `sha256:${sha256}`,
    outcome: 'routed',
    policy: 'team-1',
    tenant: 'lab',
    offer: 'alder/1xA100/eu-west',
    costMicroUsd: 9_007_199_254_740_991,
  },
}

async function afterOf(of: string, size: bigint, index: number): Promise<Uint8Array> {
  const after = { origin: of, size, root: new Uint8Array(32).fill(1) }
  const { record } = buildRecord(decision, { namespace, now: noon, after })
  return makeBundle({ entry: await sealed(record), index, size: 5 })
}

export const goodCases: readonly VectorCase[] = [
  kind(decision, 'an Ed25519 signature, a token and an inclusion proof'),
  kind(
    {
      kind: 'artifact',
      title: 'app 1.2.3',
      subject: [{ digest: { sha256, sha512: sha256.repeat(2) }, name: 'app-1.2.3.tgz' }],
      details: { mediaType: 'application/gzip', size: '18446744073709551615' },
    },
    'an artifact with two digests, and a size that no double holds',
  ),
  kind(
    {
      kind: 'deployment',
      title: 'api 1.2.3 to production',
      subject: [
        { digest: { sha256 }, name: 'registry.example.com/api' },
        { digest: { gitCommit }, name: 'https://github.com/acme/api' },
      ],
      details: {
        service: 'api',
        environment: 'production',
        outcome: 'succeeded',
        version: '1.2.3',
      },
    },
    'a deployment of an image and a commit',
  ),
  kind(
    {
      kind: 'incident',
      title: 'Checkout is down',
      body: { text: 'It was DNS.', mediaType: 'text/plain' },
      details: { severity: 'sev1', status: 'resolved' },
      tags: ['dns', 'größe', '決定'],
      links: [
        { rel: 'postmortem', uri: 'https://example.com/pm/1?x=y#z' },
        { rel: 'see', uri: 'urn:isbn:0451450523' },
        { rel: 'caused-by', record: `sha256:${sha256}` },
      ],
      idempotencyKey: 'pager/42',
      occurredAt: '2026-11-23T09:15:00.250Z',
    },
    'every optional member that a writer can set',
  ),
  kind(
    { kind: 'discovery', title: 'The index is not used', body: { text: 'EXPLAIN says so.' } },
    'a kind without members of its own',
  ),
  kind(note, 'characters beyond ASCII and beyond 16 bits; an empty text'),
  kind(routing, 'a choice among offers, at the largest cost that a double holds'),
  kind(
    {
      kind: 'spawn',
      title: 'api was spawned',
      subject: [{ digest: { sha256 }, name: 'api/.vm/manifest.json' }],
      details: {
        service: 'api',
        template: { digest: `sha256:${sha256}`, id: 'node-service', version: '1.0.0' },
        gitCommit,
      },
    },
    'a spawned repository',
  ),
  good('inline-body', 'the inline body hashes to the digest of the subject', {
    draft: { ...decision, body: { text: 'Because\nit is there.\u202e', inline: true } },
  }),
  good('unknown-predicate-member', 'members of a predicate that v0 does not know are kept', {
    draft: {
      ...decision,
      details: { status: 'accepted', mood: { level: 3, words: ['calm', null] } },
    },
  }),
  good('first-of-one', 'a tree of one entry has an empty proof', { index: 0, size: 1 }),
  good('larger-tree', 'entry 5 of 11: a tree that is not full', { index: 5, size: 11 }),
  good('last-of-larger-tree', 'entry 256 of 257: the proof has one hash', {
    index: 256,
    size: 257,
  }),
  good(
    'two-signatures',
    'two different trusted keys signed',
    { signers: [ada, bob] },
    'two-signatures',
  ),
  good(
    'agent-decides',
    'an agent may sign a decision alone, and the verdict says so',
    { signers: [robin] },
    'agent',
  ),
  good(
    'agent-routes',
    'an agent may sign a routing alone',
    { draft: routing, signers: [robin] },
    'agent',
  ),
  good(
    'agent-signs-too',
    'the signature of an agent over a record that it may not sign does no harm',
    { draft: note, signers: [robin, ada] },
    'agent',
  ),
  good(
    'agent-with-both-roles',
    "a key that is an agent's and a record key signs records of every kind",
    { draft: note, signers: [sam] },
    'agent',
  ),
  good(
    'agent-and-another',
    'an agent is one of the two signers that are required of a decision',
    { signers: [ada, robin] },
    'agent-and-another',
  ),
  good('stranger-signs-too', 'a signature by a key that is not trusted does no harm', {
    signers: [mallory, ada],
  }),
  good(
    'openpgp',
    'a binary OpenPGP signature packet over the PAE',
    async () => makeBundle({ signers: [await openpgpSigner(grace, () => noon)] }),
    'openpgp',
  ),
  good(
    'openpgp-subkey',
    'a signing subkey made the signature, and the keyid is its fingerprint',
    async () => makeBundle({ signers: [await openpgpSigner(heidi, () => noon)] }),
    'openpgp',
  ),
  good(
    'independent-time',
    'an authority that is not self-issued stamped',
    { sources: [sourceOf(independent)] },
    'independent-time',
  ),
  good(
    'two-authorities',
    'two different authorities stamped',
    { sources: [sourceOf(embedded), sourceOf(independent)] },
    'two-authorities',
  ),
  good(
    'unknown-authority-too',
    'a token by an authority that the policy does not know is ignored',
    {
      sources: [sourceOf(stranger), sourceOf(embedded)],
    },
  ),
  good(
    'no-token-required',
    'no token is there, and none is required',
    { sources: [] },
    'no-tokens',
  ),
  good('key-begins', 'the window of a key includes its first instant', {}, 'key-begins-at-noon'),
  good(
    'key-ends-later',
    'the window of a key ends after the attested time',
    {},
    'key-ends-after-noon',
  ),
  good(
    'witnessed',
    'two of three witnesses cosigned',
    { log: { witnesses: [north, south] } },
    'witnessed',
  ),
  good(
    'witnessed-by-more',
    'a cosignature by an unknown witness does no harm, here that of a log elsewhere',
    { log: { witnesses: [west, south, north] } },
    'witnessed',
  ),
  good('after', 'the head that the writer had seen has just the entries before this one', () =>
    afterOf(origin, 4n, 4),
  ),
  good('after-another-log', 'the head of another log says nothing about this one', () =>
    afterOf('example.com/elsewhere', 99n, 4),
  ),
  good('hints', 'hints are read and not believed', () =>
    withBundle((bundle) => {
      bundle.hints = {
        certificates: [encodeBase64(stranger.keys.anchor)],
        keys: [{ algorithm: 'ed25519', publicKey: encodeBase64(mallory.publicKey) }],
        revocations: ['AA=='],
      }
    }),
  ),
]
