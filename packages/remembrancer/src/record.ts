/** A record: an in-toto Statement about something that happened (`docs/formats/record.md`). */
import { decodeBase64, encodeHex } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import { readCanonicalJson, writeCanonicalJson } from './formats/json.ts'
import { attempt, demand, type Read, readMembers, readString, refuse } from './formats/reading.ts'
import { readDecimal, readTime } from './formats/text.ts'
import { predicateTypeOf } from './schemas/common.ts'
import { schemaProblem } from './schemas/index.ts'
import { type RecordKind, recordKinds } from './schemas/kinds.ts'

/** A record has at most this many bytes. */
export const maxRecordBytes = 24_576

/** What a record is about (in-toto ResourceDescriptor, as far as v0 takes it). */
export interface ResourceDescriptor {
  /** Lower-case hex by algorithm: `sha256`, `gitCommit`, ... */
  readonly digest: Readonly<Record<string, string>>
  readonly name: string
}

/** The last head of a log that a writer had seen: the record is younger than it. */
export interface SeenHead {
  readonly origin: string
  readonly size: bigint
  /** 32 bytes. */
  readonly root: Uint8Array
}

/** A text that a record is about, with the salt that keeps a short one from being guessed. */
export interface Body {
  readonly mediaType: string
  /** Base64 of 16 bytes. */
  readonly salt: string
  readonly text: string
}

/** Where a record points to: another record, or an absolute `https:` URL or `urn:`. */
export type RecordLink =
  | { readonly rel: string; readonly record: string }
  | { readonly rel: string; readonly uri: string }

/** A record that was read. */
export interface MemoryRecord {
  /** `sha256:` and the SHA-256 of the bytes, in hex. */
  readonly id: string
  readonly bytes: Uint8Array
  readonly kind: RecordKind
  readonly namespace: string
  readonly title: string
  /** As it was written; see `occurred` for the date. */
  readonly occurredAt: string
  readonly occurred: Date
  readonly subject: readonly ResourceDescriptor[]
  readonly idempotencyKey?: string
  readonly after?: SeenHead
  readonly tags: readonly string[]
  readonly links: readonly RecordLink[]
  /** The body, where it stands inline. */
  readonly body?: Body
  /** All members, with those that v0 does not know. */
  readonly predicate: Readonly<Record<string, unknown>>
}

/** The id of a record with these bytes. */
export function recordId(bytes: Uint8Array): string {
  return `sha256:${encodeHex(sha256(bytes))}`
}

/** The canonical bytes of a body; their SHA-256 is the digest of the record's subject. */
export function encodeBody({ mediaType, salt, text }: Body): Uint8Array<ArrayBuffer> {
  return writeCanonicalJson({ mediaType, salt, text })
}

// What the schemas have settled, as far as it is used here.
interface Statement {
  readonly predicate: Readonly<Record<string, unknown>> & {
    readonly namespace: string
    readonly title: string
    readonly occurredAt: string
    readonly idempotencyKey?: string
    readonly after?: { readonly origin: string; readonly root: string; readonly size: string }
    readonly tags?: readonly string[]
    readonly links?: readonly RecordLink[]
    readonly body?: Body
    readonly size?: string
  }
  readonly subject: readonly ResourceDescriptor[]
}

function isStatement(value: unknown, problem: string | undefined): value is Statement {
  return value !== undefined && problem === undefined
}

function readAfter(after: Statement['predicate']['after']): { after?: SeenHead } {
  if (after === undefined) return {}
  const root = decodeBase64(after.root) ?? refuse('after.root', 'must be base64')
  return { after: { origin: after.origin, size: readDecimal(after.size, 'after.size'), root } }
}

/** Reads the bytes of a record. */
export function parseRecord(bytes: Uint8Array): Read<MemoryRecord> {
  return attempt(() => {
    const value = demand('', readCanonicalJson(bytes, maxRecordBytes))
    const { predicateType } = readMembers(value, 'statement', [
      '_type',
      'predicate',
      'predicateType',
      'subject',
    ])
    const type = readString(predicateType, 'predicateType')
    const kind = recordKinds.find((known) => predicateTypeOf(known) === type)
    if (kind === undefined) return refuse('predicateType', 'names a kind that v0 does not know')
    const problem = schemaProblem(kind, value)
    if (!isStatement(value, problem)) return refuse(kind, problem ?? 'does not match its schema')
    const { predicate, subject } = value
    // The schema bounds the digits, not the number: 20 digits can be more than 2^64 - 1.
    if (kind === 'artifact' && predicate.size !== undefined) readDecimal(predicate.size, 'size')
    return {
      id: recordId(bytes),
      bytes,
      kind,
      namespace: predicate.namespace,
      title: predicate.title,
      occurredAt: predicate.occurredAt,
      occurred: readTime(predicate.occurredAt, 'occurredAt'),
      subject,
      ...(predicate.idempotencyKey === undefined
        ? {}
        : { idempotencyKey: predicate.idempotencyKey }),
      ...readAfter(predicate.after),
      tags: predicate.tags ?? [],
      links: predicate.links ?? [],
      ...(predicate.body === undefined ? {} : { body: predicate.body }),
      predicate,
    }
  })
}
