/** The frontier: how far each log is trusted, in a few bytes, and one hash that stands for it all. */
import {
  decodeBase64,
  decodeDecimal,
  encodeBase64,
  encodeUtf8,
  equalBytes,
} from '@vaultmesh/merkle/bytes'
import { CompactRange } from '@vaultmesh/merkle/compact'
import { isNoteText } from '@vaultmesh/merkle/note'
import { hashLeaf, hashLength } from '@vaultmesh/merkle/rfc6962'
import type { Evidence } from '../evidence/types.ts'
import { compareText } from '../head.ts'
import { membersOf, parseJson, textOf } from '../json.ts'
import type { TrustedPrefix } from '../trusted-prefix.ts'

/** The `mediaType` of a frontier. */
export const frontierMediaType = 'application/vnd.vaultmesh.frontier.v0+json'

/** A frontier has at most this many bytes: some thousands of logs. */
export const maxFrontierBytes: number = 1024 * 1024

/** How far one log is known, and trusted. */
export interface FrontierLine {
  readonly origin: string
  /** The largest size that the log is known to have signed. */
  readonly size: bigint
  /** How many entries are trusted. */
  readonly trusted: bigint
  /** The root of the entries that are trusted: 32 bytes. */
  readonly root: Uint8Array
}

/** One line for each log, sorted by origin (code units), each once. Made by {@link frontierOf}. */
export type Frontier = readonly FrontierLine[]

/**
 * The frontier of some logs: what is known of each, and what of it is trusted. Where a log is given
 * twice, the last counts.
 */
export function frontierOf(
  logs: Iterable<{ readonly evidence: Evidence; readonly prefix: TrustedPrefix }>,
): Frontier {
  const lines = new Map<string, FrontierLine>()
  for (const { evidence, prefix } of logs) {
    const { origin, heads } = evidence
    const size = heads.at(-1)?.size ?? 0n
    lines.set(origin, { origin, size, trusted: prefix.size, root: prefix.root })
  }
  return [...lines.values()].toSorted((a, b) => compareText(a.origin, b.origin))
}

function lineValue({ origin, root, size, trusted }: FrontierLine): object {
  // Members stand in the order of RFC 8785.
  return { origin, root: encodeBase64(root), size: `${size}`, trusted: `${trusted}` }
}

/** The bytes of a frontier: one sequence for one frontier. */
export function encodeFrontier(frontier: Frontier): Uint8Array<ArrayBuffer> {
  const value = { logs: frontier.map(lineValue), mediaType: frontierMediaType }
  return encodeUtf8(JSON.stringify(value))
}

/**
 * The commitment to a frontier: the RFC 6962 root (32 bytes) of a tree whose leaves are the lines, as
 * {@link encodeFrontier} writes them, in their order. So that one log has a line can be proven
 * without the others.
 */
export function frontierRoot(frontier: Frontier): Uint8Array {
  const tree = CompactRange.empty()
  for (const line of frontier) tree.append(hashLeaf(encodeUtf8(JSON.stringify(lineValue(line)))))
  return tree.root()
}

/** Whether a text can be the first line of a checkpoint. */
function isOrigin(text: string): boolean {
  return text !== '' && !text.includes('\n') && isNoteText(`${text}\n`)
}

function readLine(value: unknown): FrontierLine | undefined {
  const members = membersOf(value)
  const origin = textOf(members.get('origin'))
  const size = decodeDecimal(textOf(members.get('size')))
  const trusted = decodeDecimal(textOf(members.get('trusted')))
  const root = decodeBase64(textOf(members.get('root')))
  if (!isOrigin(origin) || root?.length !== hashLength) return undefined
  if (size === undefined || trusted === undefined || trusted > size) return undefined
  return { origin, size, trusted, root }
}

/**
 * Reads the bytes of a frontier, or says what is wrong with them. Nothing signs a frontier. Never
 * throws; `encodeFrontier` gives the same bytes back.
 */
export function parseFrontier(
  bytes: Uint8Array,
):
  | { readonly ok: true; readonly frontier: Frontier }
  | { readonly ok: false; readonly detail: string } {
  if (bytes.length > maxFrontierBytes) {
    return { ok: false, detail: `it is longer than ${maxFrontierBytes} bytes` }
  }
  const given = Uint8Array.from(bytes)
  const value = membersOf(parseJson(given)).get('logs')
  const logs: unknown[] = Array.isArray(value) ? value : []
  const lines = logs.map(readLine).filter((line) => line !== undefined)
  const isSorted = lines.every(({ origin }, i) => i === 0 || origin > (lines[i - 1]?.origin ?? ''))
  if (!isSorted) return { ok: false, detail: 'the logs are not sorted by origin, each once' }
  // Whatever was not read as a line is missing now.
  if (equalBytes(encodeFrontier(lines), given)) return { ok: true, frontier: lines }
  return { ok: false, detail: 'it is not canonical JSON (RFC 8785) of a v0 frontier' }
}
