/** `GET /federation/v1/heads`: what a node has, in one answer (`docs/formats/federation.md`). */
import { encodeUtf8, equalBytes } from '@vaultmesh/merkle/bytes'
import { isKeyName } from '@vaultmesh/merkle/note'
import { maxHeadBytes } from '../head.ts'
import { parseJson } from '../json.ts'
import { Problems } from './problems.ts'

/** A head in a {@link HeadsDocument}. */
export interface OfferedHead {
  readonly origin: string
  /** The signed checkpoint, verbatim. Its tiles are at `m/<SHA-256 of the origin>/`. */
  readonly checkpoint: string
}

/** A fork proof in a {@link HeadsDocument}. */
export interface OfferedProof {
  /** The SHA-256 of its bytes, in lower-case hex. */
  readonly id: string
  /** The log that it says has forked. */
  readonly origin: string
}

/** What a node has to offer. */
export interface HeadsDocument {
  /** By origin, each once. */
  readonly heads: readonly OfferedHead[]
  /** By id, each once. */
  readonly proofs: readonly OfferedProof[]
}

/** The `mediaType` of a {@link HeadsDocument}. */
export const headsMediaType = 'application/vnd.vaultmesh.heads.v0+json'

/** The longest document that is read, in bytes. */
export const maxHeadsBytes: number = 8 * 1024 * 1024

/** The most logs that a node offers. */
const maxHeads = 1024

/** The most fork proofs that a node names. */
export const maxProofs = 4096

/** Whether a text is a SHA-256 in lower-case hex, as files are named here. */
export function isDigest(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text)
}

/** The bytes of a document: one sequence for one document. */
export function encodeHeads({ heads, proofs }: HeadsDocument): Uint8Array<ArrayBuffer> {
  // Members stand in the order of RFC 8785, and all are text, which JSON.stringify writes as it asks.
  const value = {
    heads: heads.map(({ origin, checkpoint }) => ({ checkpoint, origin })),
    mediaType: headsMediaType,
    proofs: proofs.map(({ id, origin }) => ({ id, origin })),
  }
  return encodeUtf8(JSON.stringify(value))
}

function isIncreasing(texts: readonly string[]): boolean {
  return texts.every((text, i) => i === 0 || text > (texts[i - 1] ?? ''))
}

function readProof(problems: Problems, value: unknown, path: string): OfferedProof | undefined {
  const members = problems.members(value, path, ['id', 'origin'])
  const id = problems.text(members?.['id'], `${path}.id`, 'a SHA-256 in hex', isDigest)
  const origin = problems.text(members?.['origin'], `${path}.origin`, 'an origin', isKeyName)
  return id === undefined || origin === undefined ? undefined : { id, origin }
}

function readHead(problems: Problems, value: unknown, path: string): OfferedHead | undefined {
  const members = problems.members(value, path, ['checkpoint', 'origin'])
  const origin = problems.text(members?.['origin'], `${path}.origin`, 'an origin', isKeyName)
  const isShort = (text: string): boolean => text.length <= maxHeadBytes
  const what = `a checkpoint of at most ${maxHeadBytes} bytes`
  const checkpoint = problems.text(members?.['checkpoint'], `${path}.checkpoint`, what, isShort)
  return origin === undefined || checkpoint === undefined ? undefined : { origin, checkpoint }
}

/**
 * Reads a document, or says what is wrong with it. Nothing in it is verified. Never throws;
 * `encodeHeads` gives the same bytes back.
 */
export function parseHeads(
  bytes: Uint8Array,
): { readonly ok: true; readonly document: HeadsDocument } | { ok: false; detail: string } {
  const refuse = (detail: string) => ({ ok: false, detail }) as const
  if (bytes.length > maxHeadsBytes) return refuse(`has more than ${maxHeadsBytes} bytes`)
  const problems = new Problems()
  const members = problems.members(parseJson(bytes), '', ['heads', 'mediaType', 'proofs'])
  problems.text(members?.['mediaType'], 'mediaType', headsMediaType, (it) => it === headsMediaType)
  const heads = problems.list(members?.['heads'], 'heads', maxHeads, (item, path) =>
    readHead(problems, item, path),
  )
  const proofs = problems.list(members?.['proofs'], 'proofs', maxProofs, (item, path) =>
    readProof(problems, item, path),
  )
  const [first] = problems.found
  if (first !== undefined) return refuse(first)
  if (!isIncreasing(heads.map(({ origin }) => origin))) return refuse('heads: not in order')
  if (!isIncreasing(proofs.map(({ id }) => id))) return refuse('proofs: not in order')
  const document = { heads, proofs }
  // Duplicate members, white space and other spellings let two readers see two documents.
  return equalBytes(encodeHeads(document), bytes)
    ? { ok: true, document }
    : refuse('is not canonical JSON (RFC 8785)')
}
