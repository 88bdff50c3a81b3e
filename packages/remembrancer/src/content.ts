/** What makes two attempts to write a record the same (`docs/formats/record.md`, "the same content"). */
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { writeCanonicalJson } from './formats/json.ts'
import type { Body, MemoryRecord } from './record.ts'

/** What a body says; its salt does not matter. */
export type BodyText = Pick<Body, 'mediaType' | 'text'>

// Differs from one attempt to the next, whatever the writer means.
const fleeting: readonly string[] = ['recordNonce', 'occurredAt', 'after']

function contentBytes(
  { kind, subject, predicate }: MemoryRecord,
  body: BodyText | undefined,
): Uint8Array {
  const said = Object.entries(predicate).filter(([name]) => !fleeting.includes(name))
  // The salt is random too, so the text itself stands for its digest.
  const text = body === undefined ? undefined : { mediaType: body.mediaType, text: body.text }
  const isInline = predicate['body'] !== undefined
  return writeCanonicalJson({
    kind,
    predicate: { ...Object.fromEntries(said), body: isInline ? text : undefined },
    subject: text === undefined ? subject : text,
  })
}

/** A record with its body, where its kind has one. */
export interface WithBody {
  readonly record: MemoryRecord
  readonly body?: BodyText | undefined
}

/** Whether two records say the same, apart from nonce, salt and times. */
export function isSameContent(a: WithBody, b: WithBody): boolean {
  return equalBytes(contentBytes(a.record, a.body), contentBytes(b.record, b.body))
}
