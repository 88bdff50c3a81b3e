/** What is remembered of peers between two syncs. It may be lost: then all are asked anew. */
import { createHash } from 'node:crypto'
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { membersOf, parseJson } from '../json.ts'
import { getFile, putFile } from './files.ts'

/** What is remembered of one peer. Times are milliseconds since 1970. */
export interface PeerMemory {
  /** The entity tag of its last answer that was taken in whole, and what this node had then. */
  readonly etag?: string | undefined
  readonly seenBy?: string | undefined
  readonly succeededAt?: number | undefined
  readonly failure?:
    | { readonly at: number; readonly detail: string; readonly count: number }
    | undefined
}

const maxBytes = 4 * 1024 * 1024
const version = 0

/** The first pause after a failure, in milliseconds; each one more doubles it. */
const firstPauseMs = 30_000
const maxPauseMs = 60 * 60_000

/** When a peer that failed is asked again: ever less often, as long as it keeps failing. */
export function retryAt({ failure }: PeerMemory): number | undefined {
  if (failure === undefined) return undefined
  const pause = firstPauseMs * 2 ** Math.min(failure.count - 1, 20)
  return failure.at + Math.min(pause, maxPauseMs)
}

/**
 * Until when a peer that failed is left alone; undefined where it may be asked `now`. A failure that
 * is still to come was noted while the clock was wrong.
 */
export function waitsUntil(memory: PeerMemory, now: number): number | undefined {
  const again = retryAt(memory)
  const isOver = again === undefined || now >= again || now < (memory.failure?.at ?? 0)
  return isOver ? undefined : again
}

/** A short name for a value: the same for the same value. */
export function fingerprint(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex')
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= 4096 ? value : undefined
}

function readTime(value: unknown): number | undefined {
  return Number.isSafeInteger(value) && Number(value) >= 0 ? Number(value) : undefined
}

function readFailure(value: unknown): PeerMemory['failure'] {
  const members = membersOf(value)
  const at = readTime(members.get('at'))
  const count = readTime(members.get('count'))
  const detail = readText(members.get('detail'))
  if (at === undefined || detail === undefined || count === undefined || count < 1) return undefined
  return { at, detail, count }
}

function readMemory(value: unknown): PeerMemory {
  const members = membersOf(value)
  return {
    etag: readText(members.get('etag')),
    seenBy: readText(members.get('seenBy')),
    succeededAt: readTime(members.get('succeededAt')),
    failure: readFailure(members.get('failure')),
  }
}

/** The memory in a file, by the names of peers. What can't be read there is forgotten. */
export async function readPeerMemory(path: string): Promise<Map<string, PeerMemory>> {
  const bytes = await getFile(path, maxBytes).catch(() => undefined)
  const members = membersOf(bytes && parseJson(bytes))
  const peers = members.get('version') === version ? members.get('peers') : undefined
  return new Map([...membersOf(peers)].map(([name, value]) => [name, readMemory(value)]))
}

/** Keeps the memory of peers. */
export async function writePeerMemory(
  path: string,
  peers: ReadonlyMap<string, PeerMemory>,
): Promise<void> {
  const text = JSON.stringify({ version, peers: Object.fromEntries(peers) })
  await putFile(path, encodeUtf8(text), true)
}
