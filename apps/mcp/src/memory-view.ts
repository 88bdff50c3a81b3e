/** Records as an agent is shown them. */
import type { RecordView, TimelineItem } from '@vaultmesh/remembrancer/workspace'
import { z } from 'zod'
import { maxBodyPart } from './limits.ts'
import { notice, visible, visibleJson } from './untrusted.ts'

/** The hex digits of a record's id, for URIs: a colon there would begin a port. */
export function hexOf(id: string): string {
  return id.replace(/^sha256:/, '')
}

/** The URI of a record. */
export function memoryUri(id: string): string {
  return `memory://${hexOf(id)}`
}

/** The URI of a decision. */
export function adrUri(id: string): string {
  return `adr://${hexOf(id)}`
}

/** One line of a list. */
export interface MemoryItem {
  readonly id: string
  readonly uri: string
  readonly index: string
  readonly kind: string
  readonly title: string
  readonly occurredAt: string
  readonly tags: string[]
}

/** The schema of a {@link MemoryItem}. */
export const memoryItem: z.ZodObject<{
  id: z.ZodString
  uri: z.ZodString
  index: z.ZodString
  kind: z.ZodString
  title: z.ZodString
  occurredAt: z.ZodString
  tags: z.ZodArray<z.ZodString>
}> = z.object({
  id: z.string().describe('sha256: and 64 hex digits'),
  uri: z.string().describe('the memory as a resource'),
  index: z.string().describe('its place in the log, decimal'),
  kind: z.string(),
  title: z.string(),
  occurredAt: z.string().describe('RFC 3339, as the writer says'),
  tags: z.array(z.string()),
})

/** A line of a list. */
export function shownItem({ id, index, kind, title, occurredAt, tags }: TimelineItem): MemoryItem {
  return {
    id,
    uri: memoryUri(id),
    index: index.toString(),
    kind,
    title: visible(title),
    occurredAt,
    tags: tags.map(visible),
  }
}

/** A body, or a part of it. */
export type BodyPart =
  | {
      readonly state: 'present'
      readonly mediaType: string
      readonly text: string
      /** UTF-16 units of the whole text. */
      readonly characters: number
      readonly nextOffset?: number
    }
  | { readonly state: 'absent' }

/** A record in full. */
export interface MemoryView extends MemoryItem {
  readonly notice: string
  readonly namespace: string
  readonly origin: string
  readonly verified: boolean
  readonly attestedAt?: string
  readonly signers: string[]
  readonly agents: string[]
  readonly subject: { readonly name: string; readonly digest: Record<string, string> }[]
  readonly predicate: Record<string, unknown>
  readonly body?: BodyPart
}

/** At most {@link maxBodyPart} units from an offset on, and no half of a pair at the end. */
function partOf(text: string, offset: number, size: number): string {
  const part = text.slice(offset, offset + size)
  const isCut =
    offset + size < text.length && !part.isWellFormed() && part.slice(0, -1).isWellFormed()
  return isCut ? part.slice(0, -1) : part
}

function shownBody(view: RecordView, offset: number, size: number): BodyPart | undefined {
  if (view.body === undefined) return undefined
  if (view.body.state === 'absent') return { state: 'absent' }
  const { mediaType, text } = view.body
  const part = partOf(text, offset, size)
  const end = offset + part.length
  return {
    state: 'present',
    mediaType: visible(mediaType),
    text: visible(part),
    characters: text.length,
    ...(end < text.length ? { nextOffset: end } : {}),
  }
}

/** A record in full, with at most `size` units of its body from an offset on. */
export function shownMemory(view: RecordView, offset = 0, size: number = maxBodyPart): MemoryView {
  const { body: _, ...predicate } = view.predicate
  const text = shownBody(view, offset, size)
  return {
    notice,
    ...shownItem(view),
    namespace: view.namespace,
    origin: view.origin,
    verified: view.verified,
    ...(view.attestedAt === undefined ? {} : { attestedAt: view.attestedAt }),
    signers: [...view.signers],
    agents: [...view.agents],
    subject: view.subject.map(({ name, digest }) => ({
      name: visible(name),
      digest: { ...digest },
    })),
    predicate: Object.fromEntries(
      Object.entries(predicate).map(([name, value]) => [visible(name), visibleJson(value)]),
    ),
    ...(text === undefined ? {} : { body: text }),
  }
}
