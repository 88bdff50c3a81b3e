/** Reads fork proofs. */
import { decodeBase64, decodeDecimal, encodeUtf8, equalBytes } from '@vaultmesh/merkle/bytes'
import { hashLength } from '@vaultmesh/merkle/rfc6962'
import { compareHeadOrder, maxHeadTextBytes } from '../head.ts'
import { membersOf, parseJson, textOf } from '../json.ts'
import { encodeForkProof } from './encode.ts'
import { readForkHead } from './head.ts'
import {
  type Branch,
  type Contradiction,
  type Divergence,
  type ForkProof,
  forkMediaType,
  maxForkProofBytes,
} from './types.ts'

/** A fork proof that was read, or one sentence about what is wrong with it. */
export type ParsedForkProof =
  | { readonly ok: true; readonly proof: ForkProof }
  | { readonly ok: false; readonly detail: string }

/** One more than the longest path in a tree of 2^64 - 1 leaves: a consistency proof names its start. */
const maxHashes = 65

function readHash(value: unknown): Uint8Array | undefined {
  const bytes = decodeBase64(textOf(value))
  return bytes?.length === hashLength ? bytes : undefined
}

function readHashes(value: unknown): Uint8Array[] | undefined {
  if (!Array.isArray(value) || value.length > maxHashes) return undefined
  const hashes = value.map(readHash).filter((hash) => hash !== undefined)
  return hashes.length === value.length ? hashes : undefined
}

function readPair<T>(value: unknown, read: (item: unknown) => T | undefined): [T, T] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [first, second] = [read(value[0]), read(value[1])]
  return first === undefined || second === undefined ? undefined : [first, second]
}

function readContradiction(value: unknown): Contradiction | undefined {
  const members = membersOf(value)
  const hashes = readHashes(members.get('hashes'))
  const root = readHash(members.get('root'))
  return hashes && root && { root, hashes }
}

function readBranch(value: unknown): Branch | undefined {
  const members = membersOf(value)
  const consistency = readHashes(members.get('consistency'))
  const inclusion = readHashes(members.get('inclusion'))
  const leafHash = readHash(members.get('leafHash'))
  return consistency && inclusion && leafHash && { consistency, inclusion, leafHash }
}

function readDivergence(value: unknown): Divergence | undefined {
  const members = membersOf(value)
  const branches = readPair(members.get('branches'), readBranch)
  const root = readHash(members.get('root'))
  const size = decodeDecimal(textOf(members.get('size')))
  return branches && root && size !== undefined ? { size, root, branches } : undefined
}

/** Puts a proof together out of what may each be missing, or says what is wrong. */
function readProof(members: ReadonlyMap<string, unknown>): ForkProof | string {
  if (members.get('mediaType') !== forkMediaType) return `the mediaType is not ${forkMediaType}`
  const origin = textOf(members.get('origin'))
  const heads = readPair(members.get('heads'), (head) => readForkHead(origin, textOf(head)))
  if (heads === undefined) return 'the heads are not two signed checkpoints of the origin'
  const [first, second] = heads
  if (compareHeadOrder(first, second) >= 0) return 'the heads are not in order, or one head twice'
  if (heads.some(({ text }) => encodeUtf8(text).length > maxHeadTextBytes)) {
    return `a head is longer than ${maxHeadTextBytes} bytes without its signatures`
  }
  const contradiction = readContradiction(members.get('contradiction'))
  if (members.has('contradiction') && contradiction === undefined) {
    return 'the contradiction is malformed'
  }
  const isNeeded = first.size > 0n && first.size < second.size
  if (isNeeded !== (contradiction !== undefined)) {
    return 'a contradiction stands where the sizes differ and neither is 0, and nowhere else'
  }
  const divergence = readDivergence(members.get('divergence'))
  if (members.has('divergence') && divergence === undefined) return 'the divergence is malformed'
  if (divergence !== undefined && divergence.size >= first.size) {
    return 'the divergence is not below the earlier head'
  }
  return {
    origin,
    heads,
    ...(contradiction && { contradiction }),
    ...(divergence && { divergence }),
  }
}

/**
 * Reads the bytes of a fork proof: its form, and that of the checkpoints inside. Nothing is verified:
 * see `verifyForkProof`. Never throws; `encodeForkProof` gives the same bytes back.
 */
export function parseForkProof(bytes: Uint8Array): ParsedForkProof {
  if (bytes.length > maxForkProofBytes) {
    return { ok: false, detail: `it is longer than ${maxForkProofBytes} bytes` }
  }
  // A copy: whoever gave the bytes could change them later.
  const given = Uint8Array.from(bytes)
  const value = parseJson(given)
  if (value === undefined) return { ok: false, detail: 'it is not JSON' }
  const proof = readProof(membersOf(value))
  if (typeof proof === 'string') return { ok: false, detail: proof }
  // One spelling for one proof: this refuses white space, other members, and members that stand twice.
  if (equalBytes(encodeForkProof(proof), given)) return { ok: true, proof }
  return { ok: false, detail: 'it is not canonical JSON (RFC 8785) of a v0 fork proof' }
}
