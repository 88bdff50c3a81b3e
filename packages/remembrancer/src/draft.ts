/** From what a writer says to the bytes of a record. */
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import { type SaltedBody, saltBody } from './body.ts'
import { RemembrancerError } from './errors.ts'
import { writeCanonicalJson } from './formats/json.ts'
import { formatTime } from './formats/text.ts'
import {
  type MemoryRecord,
  maxRecordBytes,
  parseRecord,
  type RecordLink,
  type ResourceDescriptor,
  type SeenHead,
} from './record.ts'
import { predicateTypeOf, statementType } from './schemas/common.ts'
import { isBodyKind, type RecordKind } from './schemas/kinds.ts'

/** A text that a record is about. */
export interface BodyDraft {
  readonly text: string
  /** `text/markdown` unless told otherwise. */
  readonly mediaType?: string
  /** True puts the text into the log, where it stays for ever. */
  readonly inline?: boolean
}

/** What a writer says; {@link buildRecord} adds the rest. */
export interface RecordDraft {
  readonly kind: RecordKind
  /** 1 to 200 characters. Stays for ever. */
  readonly title: string
  /** When it happened: a date, or RFC 3339 text; now, unless told otherwise. */
  readonly occurredAt?: Date | string
  /** Needed by decision, incident, discovery and note, refused by the others. */
  readonly body?: BodyDraft
  /** Needed by artifact, deployment and spawn, refused by the others. */
  readonly subject?: readonly ResourceDescriptor[]
  /** The members of the kind (`status`, `severity`, `service`, ...) and any others of your own. */
  readonly details?: Readonly<Record<string, unknown>>
  readonly tags?: readonly string[]
  readonly links?: readonly RecordLink[]
  /** 1 to 128 visible ASCII characters: makes a retry give back the first record. */
  readonly idempotencyKey?: string
}

/** What a record takes from its surroundings. */
export interface RecordContext {
  readonly namespace: string
  /** The time for a draft that names none. */
  readonly now: Date
  /** The last head that the writer has seen. */
  readonly after?: SeenHead
  /** That many random bytes; `crypto.getRandomValues` unless told otherwise. */
  readonly random?: (length: number) => Uint8Array
}

/** A record that was built, and the body to be kept beside the log. */
export interface BuiltRecord {
  readonly record: MemoryRecord
  readonly body?: SaltedBody
}

const common: readonly string[] = [
  'after',
  'body',
  'idempotencyKey',
  'links',
  'namespace',
  'occurredAt',
  'recordNonce',
  'tags',
  'title',
]

function invalid(message: string): RemembrancerError {
  return new RemembrancerError('DRAFT_INVALID', `This record can't be written: ${message}.`)
}

function randomBytes(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length))
}

function textOf(time: Date | string): string {
  if (typeof time === 'string') return time
  if (Number.isNaN(time.getTime())) throw invalid('occurredAt is not a date')
  return formatTime(time)
}

function encode(statement: unknown): Uint8Array {
  try {
    return writeCanonicalJson(statement)
  } catch (cause) {
    const message = "This record can't be written: a member has no JSON form."
    throw new RemembrancerError('DRAFT_INVALID', message, { cause })
  }
}

function buildBody(draft: RecordDraft, random: (length: number) => Uint8Array) {
  const { kind, body, subject } = draft
  if (!isBodyKind(kind)) {
    if (body !== undefined) throw invalid(`a ${kind} has no body; name its subject`)
    if (subject === undefined) throw invalid(`a ${kind} needs a subject with a digest`)
    return undefined
  }
  if (subject !== undefined) throw invalid(`the subject of a ${kind} is its body; give a body`)
  if (body === undefined) throw invalid(`a ${kind} needs a body`)
  if (!body.text.isWellFormed()) throw invalid('the body holds a lone surrogate')
  return saltBody(body, random(16))
}

/**
 * Builds a record out of a draft.
 *
 * @throws RemembrancerError DRAFT_INVALID, and RECORD_TOO_LARGE above 24,576 bytes.
 */
export function buildRecord(draft: RecordDraft, context: RecordContext): BuiltRecord {
  const { random = randomBytes, after } = context
  const body = buildBody(draft, random)
  const details = draft.details ?? {}
  const clash = Object.keys(details).find((name) => common.includes(name))
  if (clash !== undefined) throw invalid(`details.${clash}: this member has its own place`)
  const bytes = encode({
    _type: statementType,
    predicate: {
      ...details,
      after:
        after === undefined
          ? undefined
          : { origin: after.origin, root: encodeBase64(after.root), size: after.size.toString() },
      body: draft.body?.inline === true ? body?.body : undefined,
      idempotencyKey: draft.idempotencyKey,
      links: draft.links,
      namespace: context.namespace,
      occurredAt: textOf(draft.occurredAt ?? context.now),
      recordNonce: encodeBase64(random(16)),
      tags: draft.tags,
      title: draft.title,
    },
    predicateType: predicateTypeOf(draft.kind),
    subject:
      body === undefined ? draft.subject : [{ digest: { sha256: body.digest }, name: 'body' }],
  })
  if (bytes.length > maxRecordBytes) {
    throw new RemembrancerError(
      'RECORD_TOO_LARGE',
      `This record has ${bytes.length} bytes; at most ${maxRecordBytes} fit. Put long text into the body, not inline.`,
    )
  }
  // What the reader would refuse is never signed.
  const read = parseRecord(bytes)
  if (!read.ok) throw invalid(read.problem)
  return body === undefined ? { record: read.value } : { record: read.value, body }
}
