/** Vectors whose form is right, and whose evidence is wrong, missing or not trusted. */
import { decodeUtf8, encodeBase64, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import {
  buildRecord,
  type EntrySignature,
  encodeEntry,
  openpgpSigner,
  preAuthenticationEncoding,
} from '../../src/index.ts'
import type { CheckId, CheckStatus } from '../../src/verify.ts'
import { ed25519Key } from '../kit/keys.ts'
import { witness } from '../kit/log.ts'
import {
  ada,
  type BundleOptions,
  decision,
  embedded,
  independent,
  makeBundle,
  makeEntry,
  namespace,
  noon,
  origin,
  respond,
  sourceOf,
} from '../kit/scene.ts'
import {
  changeProof,
  flip,
  recordOf,
  sealBytes,
  sealed,
  type VectorCase,
  withBundle,
  withEntry,
  withParts,
} from './case.ts'
import {
  bob,
  grace,
  heidi,
  ivan,
  mallory,
  north,
  type PolicyName,
  robin,
  south,
  stranger,
  west,
} from './policies.ts'

type Failing = Partial<Record<CheckId, CheckStatus>>

function bad(
  name: string,
  failing: Failing,
  why: string,
  options: BundleOptions | (() => Promise<Uint8Array>) = {},
  policy: PolicyName = 'basic',
): VectorCase {
  const make = typeof options === 'function' ? options : () => makeBundle(options)
  return { name, policy, why, failing, make }
}

/** The order of the group of Ed25519, as 32 bytes: S + L verifies where a reader does not look. */
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n

function withUnreducedS({ sig, ...rest }: EntrySignature): EntrySignature {
  const s = sig.slice(32).reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n)
  const raised = s + groupOrder
  const bytes = Uint8Array.from({ length: 32 }, (_, i) => Number((raised >> BigInt(8 * i)) & 255n))
  return { ...rest, sig: Uint8Array.from([...sig.slice(0, 32), ...bytes]) }
}

async function resign(signature: EntrySignature, payload: Uint8Array): Promise<Uint8Array> {
  const der = await sourceOf(embedded).stamp(sha256(signature.sig))
  const timestamps = [{ der, over: 0 }]
  return makeBundle({ entry: { payload, signatures: [signature], timestamps } })
}

const later = new Date('2026-11-23T13:00:00Z')

const signatureCases: readonly VectorCase[] = [
  bad(
    'inline-body-altered',
    { 'record.body': 'fail' },
    'the inline text is not the one digested',
    async () => {
      const inline = { ...decision, body: { text: 'Because it is there.', inline: true } }
      const text = decodeUtf8(recordOf(inline).bytes)?.replace('it is there', 'we like it') ?? ''
      return makeBundle({ entry: await sealBytes(encodeUtf8(text)) })
    },
  ),
  bad('key-not-trusted', { 'signature.key': 'untrusted' }, 'the policy does not know the key', {
    signers: [mallory],
  }),
  bad('key-in-hints', { 'signature.key': 'untrusted' }, 'a key in the hints is not trusted', () =>
    withBundle(
      (bundle) => {
        const publicKey = encodeBase64(mallory.publicKey)
        bundle.hints = { keys: [{ algorithm: 'ed25519', publicKey }] }
      },
      { signers: [mallory] },
    ),
  ),
  bad(
    'key-of-other-namespace',
    { 'signature.key': 'untrusted' },
    'the key is trusted elsewhere',
    {},
    'key-of-other-namespace',
  ),
  bad(
    'second-signature-missing',
    { 'signature.key': 'missing' },
    'two keys must have signed',
    {},
    'two-signatures',
  ),
  bad(
    'second-signature-not-trusted',
    { 'signature.key': 'untrusted' },
    'the second key is not trusted',
    { signers: [ada, mallory] },
    'two-signatures',
  ),
  bad(
    'first-signature-missing',
    { 'signature.key': 'missing' },
    'two keys must have signed; the other one alone did',
    { signers: [bob] },
    'two-signatures',
  ),
  bad(
    'agent-signs-note',
    { 'signature.key': 'untrusted' },
    'an agent may not sign a note',
    {
      draft: { kind: 'note', title: 'All is well', body: { text: 'So it is.' } },
      signers: [robin],
    },
    'agent',
  ),
  bad(
    'agent-as-second-signer',
    { 'signature.key': 'untrusted' },
    'an agent does not count as the second signer of what it may not sign',
    {
      draft: { kind: 'note', title: 'All is well', body: { text: 'So it is.' } },
      signers: [ada, robin],
    },
    'agent-and-another',
  ),
  bad(
    'signature-moved',
    { 'signature.valid': 'fail' },
    'the signature is over another record',
    () =>
      withParts((entry, other) => ({
        ...entry,
        signatures: other.signatures,
        timestamps: other.timestamps,
      })),
  ),
  bad(
    'signature-in-the-name-of-another',
    { 'signature.valid': 'fail' },
    'the keyid is not that of the key',
    () =>
      withParts(
        (entry) => ({
          ...entry,
          signatures: entry.signatures.map((signature) => ({ ...signature, keyid: ada.keyid })),
        }),
        { signers: [mallory] },
      ),
  ),
  bad(
    'signature-flipped',
    { 'signature.valid': 'fail' },
    'one bit of the signature is another',
    () =>
      withEntry((entry) => {
        const [signature] = entry.envelope.signatures
        signature.sig = flip(signature.sig, 40)
      }),
  ),
  bad(
    'signature-not-reduced',
    { 'signature.valid': 'fail' },
    'S is not below the order of the group (RFC 8032 section 5.1.7)',
    async () => {
      const { signatures, payload } = await makeEntry()
      const [signature] = signatures.map(withUnreducedS)
      if (signature === undefined) throw new Error('the scene signs')
      return resign(signature, payload)
    },
  ),
  bad(
    'signature-over-payload',
    { 'signature.valid': 'fail' },
    'the signature is over the payload, not over the PAE',
    async () => {
      const { bytes } = recordOf()
      return resign({ keyid: ada.keyid, algorithm: 'ed25519', sig: await ada.sign(bytes) }, bytes)
    },
  ),
  bad(
    'signature-over-other-type',
    { 'signature.valid': 'fail' },
    'the signature is over the PAE of another payloadType',
    async () => {
      const { bytes } = recordOf()
      const sig = await ada.sign(preAuthenticationEncoding(bytes, 'application/json'))
      return resign({ keyid: ada.keyid, algorithm: 'ed25519', sig }, bytes)
    },
  ),
  bad(
    'one-bad-of-two',
    { 'signature.valid': 'fail' },
    'every signature by a trusted key must verify',
    () =>
      withEntry(
        (entry) => {
          const signature = entry.envelope.signatures[1]
          signature.sig = flip(signature.sig, 5)
        },
        { signers: [ada, bob] },
      ),
    'two-signatures',
  ),
  bad(
    'openpgp-two-packets',
    { 'signature.valid': 'fail' },
    'exactly one signature packet',
    async () => {
      const signer = await openpgpSigner(grace, () => noon)
      const { payload, signatures } = await makeEntry({ signers: [signer] })
      const [signature] = signatures
      if (signature === undefined) throw new Error('the scene signs')
      return resign(
        { ...signature, sig: Uint8Array.from([...signature.sig, ...signature.sig]) },
        payload,
      )
    },
    'openpgp',
  ),
  bad(
    'openpgp-armored',
    { 'signature.valid': 'fail' },
    'a signature packet is binary',
    async () => {
      const signer = await openpgpSigner(grace, () => noon)
      const { payload, signatures } = await makeEntry({ signers: [signer] })
      const [signature] = signatures
      if (signature === undefined) throw new Error('the scene signs')
      const body = `-----BEGIN PGP SIGNATURE-----\n\n${encodeBase64(signature.sig)}\n-----END PGP SIGNATURE-----\n`
      return resign({ ...signature, sig: encodeUtf8(body) }, payload)
    },
    'openpgp',
  ),
  bad(
    'openpgp-primary-for-subkey',
    { 'signature.valid': 'fail' },
    'the keyid names the primary key, a subkey signed',
    async () => {
      const signer = await openpgpSigner(heidi, () => noon)
      const { payload, signatures } = await makeEntry({ signers: [signer] })
      const [signature] = signatures
      if (signature === undefined) throw new Error('the scene signs')
      return resign({ ...signature, keyid: `openpgp:${heidi.getFingerprint()}` }, payload)
    },
    'openpgp',
  ),
  bad(
    'openpgp-key-expired',
    { 'signature.window': 'untrusted' },
    'the OpenPGP key had expired at the attested time',
    async () =>
      makeBundle({ signers: [await openpgpSigner(ivan, () => new Date('2026-11-23T10:30:00Z'))] }),
    'openpgp',
  ),
]

const timeCases: readonly VectorCase[] = [
  bad('token-missing', { 'time.token': 'missing' }, 'a token is required', { sources: [] }),
  bad(
    'token-unknown-authority',
    { 'time.token': 'untrusted' },
    'the policy does not know who stamped',
    {
      sources: [sourceOf(stranger)],
    },
  ),
  bad(
    'token-over-another-signature',
    { 'time.token': 'fail' },
    'the imprint is of the signature of another record',
    () => withParts((entry, other) => ({ ...entry, timestamps: other.timestamps })),
  ),
  bad(
    'token-flipped',
    { 'time.token': 'fail' },
    'one bit of the authority’s signature is another',
    () =>
      withEntry((entry) => {
        const [timestamp] = entry.timestamps
        timestamp.der = flip(timestamp.der, -1)
      }),
  ),
  bad('token-trailing-byte', { 'time.token': 'fail' }, 'a byte follows the token', () =>
    withEntry((entry) => {
      const [timestamp] = entry.timestamps
      timestamp.der = Buffer.concat([Buffer.from(timestamp.der, 'base64'), Buffer.of(0)]).toString(
        'base64',
      )
    }),
  ),
  bad(
    'token-response',
    { 'time.token': 'fail' },
    'a TimeStampResp stands where a bare token belongs',
    () =>
      withParts((entry) => ({
        ...entry,
        timestamps: entry.signatures.map(({ sig }, over) => ({
          der: respond(embedded, sha256(sig), noon),
          over,
        })),
      })),
  ),
  bad(
    'one-bad-token-of-two',
    { 'time.token': 'fail' },
    'a token in the name of a trusted authority is bad',
    () =>
      withParts(
        (entry, other) => ({
          ...entry,
          timestamps: [...entry.timestamps.slice(0, 1), ...other.timestamps.slice(1)],
        }),
        { sources: [sourceOf(embedded), sourceOf(independent)] },
      ),
  ),
  bad(
    'token-after-authority',
    { 'time.token': 'fail' },
    'the authority was no longer trusted at genTime',
    {},
    'authority-ended',
  ),
  bad(
    'token-not-pinned',
    { 'time.token': 'fail' },
    'the leaf key is not among the pins',
    {},
    'authority-pinned',
  ),
  bad(
    'one-authority-twice',
    { 'time.token': 'missing' },
    'authorities are counted, not tokens',
    { sources: [sourceOf(embedded), sourceOf(embedded, later)] },
    'two-authorities',
  ),
  bad(
    'self-issued-time',
    { 'time.independent': 'missing' },
    'an independent time is required',
    {},
    'independent-time',
  ),
  bad(
    'key-expired',
    { 'signature.window': 'untrusted' },
    'the window of the key ended at the attested time',
    {},
    'key-ends-at-noon',
  ),
  bad(
    'key-not-yet-valid',
    { 'signature.window': 'untrusted' },
    'the window of the key begins a millisecond later',
    {},
    'key-begins-after-noon',
  ),
  bad(
    'key-expired-backdated',
    { 'signature.window': 'untrusted' },
    'a self-issued token says 12:00, an independent one 13:00: the latter counts',
    { sources: [sourceOf(embedded, noon), sourceOf(independent, later)] },
    'key-ends-after-noon',
  ),
  bad(
    'key-ends-no-time',
    { 'signature.window': 'missing' },
    'the key has an end, and no time is attested',
    { sources: [] },
    'no-tokens-key-ends',
  ),
]

const notWitnessed = { 'log.witnessed': 'missing' } as const

const logCases: readonly VectorCase[] = [
  bad('unknown-origin', { 'log.origin': 'untrusted' }, 'the policy does not know the log', {
    log: { origin: 'example.com/vm/elsewhere' },
  }),
  bad(
    'origin-of-other-namespace',
    { 'log.origin': 'untrusted' },
    'the policy allows this log for another namespace',
    {},
    'log-of-other-namespace',
  ),
  bad(
    'checkpoint-by-other-key',
    { 'log.checkpoint': 'fail' },
    'a key of the same name and another id signed',
    {
      log: { key: ed25519Key('forger') },
    },
  ),
  bad(
    'checkpoint-signature-flipped',
    { 'log.checkpoint': 'fail' },
    'one bit of the log’s signature is another',
    () =>
      withBundle((bundle) =>
        changeProof(bundle, (lines) => {
          const at = lines.length - 2
          const line = lines[at] ?? ''
          const sig = line.slice(line.lastIndexOf(' ') + 1)
          lines[at] = line.replace(sig, flip(sig, 20))
        }),
      ),
  ),
  bad(
    'checkpoint-root-changed',
    { 'log.checkpoint': 'fail' },
    'the root is not the one signed',
    () =>
      withBundle((bundle) =>
        changeProof(bundle, (lines) => {
          // The line before the second blank one.
          const at = lines.indexOf('', lines.indexOf('') + 1) - 1
          lines[at] = flip(lines[at] ?? '', 0)
        }),
      ),
  ),
  bad(
    'checkpoint-size-changed',
    { 'log.checkpoint': 'fail' },
    'a Merkle proof does not bind the size, the signature does',
    () =>
      withBundle((bundle) => {
        bundle.proof = bundle.proof.replace('\n3\n', '\n4\n')
      }),
  ),
  bad('checkpoint-extension', { 'log.checkpoint': 'fail' }, 'v0 knows no extension lines', {
    log: { extensions: ['more'] },
  }),
  bad('wrong-index', { 'log.inclusion': 'fail' }, 'the entry is at another index', () =>
    withBundle((bundle) => changeProof(bundle, (lines) => lines.splice(1, 1, 'index 0'))),
  ),
  bad('index-beyond-size', { 'log.inclusion': 'fail' }, 'the tree has three entries', () =>
    withBundle((bundle) => changeProof(bundle, (lines) => lines.splice(1, 1, 'index 3'))),
  ),
  bad(
    'proof-hash-flipped',
    { 'log.inclusion': 'fail' },
    'one bit of a hash of the proof is another',
    () =>
      withBundle((bundle) =>
        changeProof(bundle, (lines) => {
          lines[2] = flip(lines[2] ?? '', 31)
        }),
      ),
  ),
  bad('proof-too-short', { 'log.inclusion': 'fail' }, 'a hash of the proof is missing', () =>
    withBundle((bundle) => changeProof(bundle, (lines) => lines.splice(2, 1))),
  ),
  bad('proof-too-long', { 'log.inclusion': 'fail' }, 'the proof has a hash too many', () =>
    withBundle((bundle) => changeProof(bundle, (lines) => lines.splice(2, 0, lines[2] ?? ''))),
  ),
  bad(
    'entry-not-in-log',
    { 'log.inclusion': 'fail' },
    'another entry, as well signed, is in the log at that place',
    () =>
      withBundle((bundle) => {
        bundle.entry = notLogged
      }),
  ),
  bad(
    'not-witnessed',
    notWitnessed,
    'no witness cosigned, and a quorum is required',
    {},
    'witnessed',
  ),
  bad(
    'not-witnessed-by-quorum',
    notWitnessed,
    'one of three cosigned, two are required',
    { log: { witnesses: [west] } },
    'witnessed',
  ),
  bad(
    'witnessed-by-unknown',
    notWitnessed,
    'a witness that the policy does not know cosigned',
    { log: { witnesses: [north, witness('east.example', noon)] } },
    'witnessed',
  ),
  bad(
    'witnessed-twice-by-one',
    notWitnessed,
    'two cosignatures by one witness count once',
    { log: { witnesses: [north, witness('north.example', later)] } },
    'witnessed',
  ),
  bad(
    'cosignature-flipped',
    { 'log.checkpoint': 'fail' },
    'one bad signature in the name of a known witness spoils the note',
    () =>
      withBundle(
        (bundle) =>
          changeProof(bundle, (lines) => {
            const at = lines.length - 2
            const line = lines[at] ?? ''
            const sig = line.slice(line.lastIndexOf(' ') + 1)
            lines[at] = line.replace(sig, flip(sig, -1))
          }),
        { log: { witnesses: [north, south] } },
      ),
    'witnessed',
  ),
  bad(
    'after-itself',
    { 'record.after': 'fail' },
    'the record claims to have seen a head that it is part of',
    async () => {
      const after = { origin, size: 2n, root: new Uint8Array(32).fill(1) }
      const { record } = buildRecord(decision, { namespace, now: noon, after })
      return makeBundle({ entry: await sealed(record), index: 1, size: 3 })
    },
  ),
]

const notLogged = encodeBase64(encodeEntry(await makeEntry()))

export const badClaims: readonly VectorCase[] = [...signatureCases, ...timeCases, ...logCases]
