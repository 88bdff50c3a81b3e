/** An entry: a signed and timestamped record, one leaf of a log (`docs/formats/entry.md`). */
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import { payloadType } from './envelope.ts'
import { readCanonicalJson, writeCanonicalJson } from './formats/json.ts'
import {
  attempt,
  demand,
  type Read,
  readInteger,
  readList,
  readMembers,
  readString,
  refuse,
} from './formats/reading.ts'
import { readBase64 } from './formats/text.ts'

/** An entry has at most this many bytes: the bundles of C2SP tiles hold lengths in 16 bits. */
export const maxEntryBytes = 65_535

/** At most this many signatures stand in an entry. */
export const maxSignatures = 8

/** At most this many tokens stand in an entry. */
export const maxTimestamps = 16

/** The algorithms that a `keyid` can begin with. */
export type SignatureAlgorithm = 'ed25519' | 'openpgp'

/** One signature over the PAE of the record. */
export interface EntrySignature {
  /** `ed25519:` or `openpgp:` and hex. It narrows the search; trust comes from the policy. */
  readonly keyid: string
  readonly algorithm: SignatureAlgorithm
  /** 64 bytes (RFC 8032), or one binary OpenPGP signature packet. */
  readonly sig: Uint8Array
}

/** One token over the raw bytes of a signature. */
export interface EntryTimestamp {
  /** A bare RFC 3161 TimeStampToken. */
  readonly der: Uint8Array
  /** The index of the signature. */
  readonly over: number
}

/** An entry that was read, or is to be written. */
export interface Entry {
  /** The record's bytes. */
  readonly payload: Uint8Array
  readonly signatures: readonly EntrySignature[]
  readonly timestamps: readonly EntryTimestamp[]
}

const keyids: Readonly<Record<SignatureAlgorithm, RegExp>> = {
  ed25519: /^ed25519:[0-9a-f]{64}$/,
  // 20 bytes for a v4 key, 32 for v6 (RFC 9580).
  openpgp: /^openpgp:([0-9a-f]{40}|[0-9a-f]{64})$/,
}

function readSignature(value: unknown, where: string): EntrySignature {
  const members = readMembers(value, where, ['keyid', 'sig'])
  const keyid = readString(members['keyid'], `${where}.keyid`)
  const algorithm = keyids.ed25519.test(keyid)
    ? 'ed25519'
    : keyids.openpgp.test(keyid)
      ? 'openpgp'
      : refuse(`${where}.keyid`, 'must be ed25519: or openpgp: and a digest in hex')
  const length = algorithm === 'ed25519' ? 64 : undefined
  return { keyid, algorithm, sig: readBase64(members['sig'], `${where}.sig`, length) }
}

function readTimestamp(value: unknown, where: string, signatures: number): EntryTimestamp {
  const members = readMembers(value, where, ['der', 'over'])
  return {
    der: readBase64(members['der'], `${where}.der`),
    over: readInteger(members['over'], `${where}.over`, 0, signatures - 1),
  }
}

/** Reads the bytes of a leaf. What `payload`, `sig` and `der` hold is not looked into here. */
export function parseEntry(bytes: Uint8Array): Read<Entry> {
  return attempt(() => {
    const value = demand('', readCanonicalJson(bytes, maxEntryBytes))
    const entry = readMembers(value, 'entry', ['envelope', 'timestamps'])
    const envelope = readMembers(entry['envelope'], 'envelope', [
      'payload',
      'payloadType',
      'signatures',
    ])
    if (envelope['payloadType'] !== payloadType) {
      refuse('envelope.payloadType', `must be ${payloadType}`)
    }
    const signatures = readList(
      envelope['signatures'],
      'envelope.signatures',
      1,
      maxSignatures,
    ).map((signature, i) => readSignature(signature, `signatures[${i}]`))
    if (new Set(signatures.map(({ keyid }) => keyid)).size < signatures.length) {
      refuse('envelope.signatures', 'two signatures have one keyid')
    }
    return {
      payload: readBase64(envelope['payload'], 'envelope.payload'),
      signatures,
      timestamps: readList(entry['timestamps'], 'timestamps', 0, maxTimestamps).map(
        (timestamp, i) => readTimestamp(timestamp, `timestamps[${i}]`, signatures.length),
      ),
    }
  })
}

/** The bytes of a leaf. */
export function encodeEntry(entry: Entry): Uint8Array<ArrayBuffer> {
  return writeCanonicalJson({
    envelope: {
      payload: encodeBase64(entry.payload),
      payloadType,
      signatures: entry.signatures.map(({ keyid, sig }) => ({ keyid, sig: encodeBase64(sig) })),
    },
    timestamps: entry.timestamps.map(({ der, over }) => ({ der: encodeBase64(der), over })),
  })
}
