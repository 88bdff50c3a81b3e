/** What a golden vector is, and how ones that no writer would make are made. */
import { decodeUtf8, encodeBase64, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import {
  buildRecord,
  type Entry,
  encodeEntry,
  type MemoryRecord,
  preAuthenticationEncoding,
  type RecordDraft,
  sealRecord,
  writeCanonicalJson,
} from '../../src/index.ts'
import type { CheckId, CheckStatus } from '../../src/verify.ts'
import {
  ada,
  type BundleOptions,
  decision,
  embedded,
  makeBundle,
  makeEntry,
  namespace,
  noon,
  sourceOf,
} from '../kit/scene.ts'
import type { PolicyName } from './policies.ts'

export interface VectorCase {
  readonly name: string
  readonly policy: PolicyName
  /** One sentence: why the verdict must be this one. */
  readonly why: string
  /** Every check that is neither `pass`, `warn` nor `skipped`. Empty for a good vector. */
  readonly failing: Partial<Record<CheckId, CheckStatus>>
  readonly make: () => Promise<Uint8Array>
}

// Whatever JSON holds: the changes below say what they expect to find.
// biome-ignore lint/suspicious/noExplicitAny: vectors break shapes on purpose
export type Json = any

export function recordOf(draft: RecordDraft = decision): MemoryRecord {
  return buildRecord(draft, { namespace, now: noon }).record
}

/** An entry around any bytes, signed by Ada and stamped, however wrong the bytes are. */
export async function sealBytes(bytes: Uint8Array): Promise<Entry> {
  const sig = await ada.sign(preAuthenticationEncoding(bytes))
  const der = await sourceOf(embedded).stamp(sha256(sig))
  return {
    payload: bytes,
    signatures: [{ keyid: ada.keyid, algorithm: 'ed25519', sig }],
    timestamps: [{ der, over: 0 }],
  }
}

/** A bundle of a record with one change, signed as it is. */
export async function withRecord(
  change: (statement: Json) => void,
  draft: RecordDraft = decision,
): Promise<Uint8Array> {
  const statement: Json = JSON.parse(decodeUtf8(recordOf(draft).bytes) ?? '')
  change(statement)
  return makeBundle({ entry: await sealBytes(writeCanonicalJson(statement)) })
}

/** A bundle of an entry with one change to its JSON, logged as it is. */
export async function withEntry(
  change: (entry: Json) => void,
  options: BundleOptions = {},
): Promise<Uint8Array> {
  const entry: Json = JSON.parse(decodeUtf8(encodeEntry(await makeEntry(options))) ?? '')
  change(entry)
  return makeBundle({ ...options, entry: writeCanonicalJson(entry) })
}

/** A bundle with one change to its JSON. */
export async function withBundle(
  change: (bundle: Json) => void,
  options: BundleOptions = {},
): Promise<Uint8Array> {
  const bundle: Json = JSON.parse(decodeUtf8(await makeBundle(options)) ?? '')
  change(bundle)
  return writeCanonicalJson(bundle)
}

/** A bundle with one change to its text. */
export async function withText(change: (text: string) => string): Promise<Uint8Array> {
  return encodeUtf8(change(decodeUtf8(await makeBundle()) ?? ''))
}

/** A bundle whose record was signed by all of `options.signers`, with one change to the entry. */
export async function withParts(
  change: (entry: Entry, other: Entry) => Entry,
  options: BundleOptions = {},
): Promise<Uint8Array> {
  const entry = await makeEntry(options)
  const other = await makeEntry({ ...options, draft: { ...decision, title: 'Another decision' } })
  return makeBundle({ ...options, entry: change(entry, other) })
}

export async function sealed(record: MemoryRecord): Promise<Entry> {
  return sealRecord(record, { signers: [ada], sources: [sourceOf(embedded)] })
}

/** Base64 with the lowest bit of a byte flipped; a negative `at` counts from the end. */
export function flip(base64: string, at: number): string {
  const bytes = Uint8Array.from(Buffer.from(base64, 'base64'))
  const index = at < 0 ? bytes.length + at : at
  bytes[index] = (bytes[index] ?? 0) ^ 1
  return encodeBase64(bytes)
}

/** The lines of a bundle's proof, and the text with them changed. */
export function changeProof(bundle: Json, change: (lines: string[]) => void): void {
  const lines: string[] = bundle.proof.split('\n')
  change(lines)
  bundle.proof = lines.join('\n')
}
