/** Logs as static files, made by the simplest code that can, for tests of whatever reads them. */
import { concatBytes, encodeUtf8 } from '../src/bytes.ts'
import { formatCheckpoint } from '../src/checkpoint.ts'
import { CompactRange } from '../src/compact.ts'
import { ed25519Cosigner } from '../src/cosignature.ts'
import { ed25519NoteSigner, ed25519Signer, nodeHasher } from '../src/node.ts'
import { signNote } from '../src/note.ts'
import type { TileSource } from '../src/tiles.ts'
import { encodeEntryBundle, entryBundlePath, tilePath } from '../src/tiles.ts'
import { keyOf } from './support.ts'

/** The files of a log, by path. */
export type Files = Map<string, Uint8Array>

/** A log that is published, with its keys. */
export interface StaticLog {
  readonly origin: string
  readonly vkey: string
  /** The vkeys of the witnesses that cosigned it. */
  readonly witnesses: readonly string[]
  /** The text of a policy that asks for all of them. */
  readonly policy: string
  readonly size: bigint
  readonly root: Uint8Array
  readonly files: Files
}

/** How a log is made. */
export interface StaticLogOptions {
  readonly origin?: string
  /** Which key signs it: see `keyOf`. */
  readonly key?: number
  /** How many witnesses cosign it. */
  readonly witnesses?: number
}

/** Cuts items into pieces of 256, and gives each piece with what its path says of it. */
function piecesOf<T>(items: readonly T[]): { index: bigint; width?: number; piece: T[] }[] {
  const pieces: { index: bigint; width?: number; piece: T[] }[] = []
  for (let at = 0; at < items.length; at += 256) {
    const piece = items.slice(at, at + 256)
    const width = piece.length === 256 ? {} : { width: piece.length }
    pieces.push({ index: BigInt(at / 256), ...width, piece })
  }
  return pieces
}

/** A log of some entries: its tiles, bundles and checkpoint at that size, and nothing older. */
export async function staticLog(
  entries: readonly Uint8Array[],
  { origin = 'example.com/log', key = 1, witnesses = 0 }: StaticLogOptions = {},
): Promise<StaticLog> {
  const levels: Uint8Array[][] = []
  const range = CompactRange.empty(nodeHasher)
  for (const entry of entries) {
    range.append(nodeHasher.hashLeaf(entry), (level, _, hash) => {
      if (level % 8 !== 0) return
      levels[level / 8] ??= []
      levels[level / 8]?.push(hash)
    })
  }
  const files: Files = new Map()
  for (const [level, hashes] of levels.entries()) {
    for (const { index, width, piece } of piecesOf(hashes)) {
      files.set(tilePath(level, index, width), concatBytes(...piece))
    }
  }
  for (const { index, width, piece } of piecesOf(entries)) {
    files.set(entryBundlePath(index, width), encodeEntryBundle(piece))
  }
  const { size } = range
  const root = range.root()
  const signer = ed25519NoteSigner(origin, keyOf(key))
  const cosigners = Array.from({ length: witnesses }, (_, i) =>
    ed25519Cosigner({
      name: `w${i}.example`,
      signer: ed25519Signer(keyOf(100 + i)),
      now: () => 1_700_000_000n,
    }),
  )
  const body = formatCheckpoint({ origin, size, root, extensions: [] })
  files.set('checkpoint', encodeUtf8(await signNote(body, [signer, ...cosigners])))
  const policy = [
    `log ${signer.vkey}`,
    ...cosigners.map(({ vkey }, i) => `witness w${i} ${vkey}`),
    ...(witnesses === 0 ? [] : [`group all all ${cosigners.map((_, i) => `w${i}`).join(' ')}`]),
    `quorum ${witnesses === 0 ? 'none' : 'all'}`,
  ]
  return {
    origin,
    vkey: signer.vkey,
    witnesses: cosigners.map(({ vkey }) => vkey),
    policy: `${policy.join('\n')}\n`,
    size,
    root,
    files,
  }
}

/** A source that has some files. */
export function sourceOf(files: ReadonlyMap<string, Uint8Array>): TileSource {
  return async (path) => files.get(path)
}
