/** Reads tiles and bundles from anywhere. Their form is checked here, not what they say. */
import { hashLength } from '../rfc6962.ts'
import { until } from '../until.ts'
import { maxEntryLength, viewEntryBundle } from './bundle.ts'
import { entryBundlePath, tilePath } from './path.ts'
import { tileWidth } from './width.ts'

/** Why a source could not give a file, though there may be one. */
export interface SourceFailure {
  readonly ok: false
  readonly code:
    | 'ABORTED'
    | 'HTTP_STATUS'
    | 'REDIRECTED'
    | 'SOURCE_FAILED'
    | 'TIMEOUT'
    | 'TOO_LARGE'
  /** For people. */
  readonly detail: string
  /** What was thrown, where something was. */
  readonly cause?: unknown
}

/**
 * Gives the bytes of the file at a path below a log's prefix (`checkpoint`, or one of `tilePath`
 * and `entryBundlePath`): undefined where there is none, else why they can't be had. Whatever it
 * rejects with counts as SOURCE_FAILED. Nobody needs to trust it.
 *
 * It has to end by itself, in the end: a tile is read once for all who ask for it at one time, so
 * that the signal of one of them ends his waiting and not the reading.
 */
export type TileSource = (
  path: string,
  signal?: AbortSignal,
) => Promise<Uint8Array | SourceFailure | undefined>

/** Why what a tile source gave is not to be used. */
export interface TileFailure {
  readonly ok: false
  readonly code:
    | SourceFailure['code']
    | 'BUNDLE_MALFORMED'
    | 'ENTRY_MISMATCH'
    | 'ROOT_MISMATCH'
    | 'TILE_LENGTH'
    | 'TILE_MISMATCH'
    | 'TILE_MISSING'
  /** The files that are missing or wrong; of several, at least one is. */
  readonly paths: readonly string[]
  /** For people. */
  readonly detail: string
  /** What the source threw, where it did. */
  readonly cause?: unknown
}

/** A file that was there. */
interface SourceFile {
  readonly ok: true
  readonly path: string
  readonly bytes: Uint8Array
}

/** Asks a source for one file; undefined where it has none. */
export async function readFile(
  source: TileSource,
  path: string,
  signal?: AbortSignal,
): Promise<SourceFile | TileFailure | undefined> {
  let given: Uint8Array | SourceFailure | undefined
  try {
    // A source need not listen to its signal.
    const outcome = await until((own) => source(path, own), [signal])
    if (outcome.ended !== 'done') return aborted(path)
    // A source in JavaScript may give null.
    given = outcome.value ?? undefined
  } catch (cause) {
    const detail = `${path} could not be read: ${reasonOf(cause)}`
    return { ok: false, code: 'SOURCE_FAILED', paths: [path], detail, cause }
  }
  if (given === undefined) return undefined
  // Not `instanceof`, which bytes of another realm (a test runner's, a frame's) would not pass.
  if (ArrayBuffer.isView(given)) return { ok: true, path, bytes: given }
  if (typeof given === 'object' && given.ok === false) {
    return { ...given, paths: [path], detail: `${path}: ${given.detail}` }
  }
  const detail = `${path}: the source gave something other than a Uint8Array`
  return { ok: false, code: 'SOURCE_FAILED', paths: [path], detail }
}

/** What something that was thrown says for people. */
export function reasonOf(cause: unknown): string {
  try {
    return cause instanceof Error ? cause.message : String(cause)
  } catch {
    // An object need not have a way to become text.
    return 'it does not say why'
  }
}

function aborted(path: string): TileFailure {
  return { ok: false, code: 'ABORTED', paths: [path], detail: `${path} is no longer wanted` }
}

/**
 * The file of a given width, or the full one in its place: a log may delete a partial tile or
 * bundle once the full one is there (tlog-tiles, "Partial Tiles").
 */
async function readWidth(
  source: TileSource,
  pathOf: (width?: number) => string,
  width: number,
  signal?: AbortSignal,
): Promise<(SourceFile & { readonly width: number }) | TileFailure> {
  const path = width === tileWidth ? pathOf() : pathOf(width)
  const file = await readFile(source, path, signal)
  if (file !== undefined) return file.ok ? { ...file, width } : file
  const full = width === tileWidth ? undefined : await readFile(source, pathOf(), signal)
  if (full !== undefined) return full.ok ? { ...full, width: tileWidth } : full
  const orFull = width === tileWidth ? '' : `, and so is ${pathOf()}`
  return { ok: false, code: 'TILE_MISSING', paths: [path], detail: `${path} is missing${orFull}` }
}

/**
 * The first `width` hashes (1 to 256) of a tile, one after the other; a copy. Out of the full tile
 * where a partial one is gone. Never rejects.
 */
export async function readHashes(
  source: TileSource,
  level: number,
  index: bigint,
  width: number,
  signal?: AbortSignal,
): Promise<
  { readonly ok: true; readonly path: string; readonly hashes: Uint8Array } | TileFailure
> {
  const file = await readWidth(source, (some) => tilePath(level, index, some), width, signal)
  if (!file.ok) return file
  const { path, bytes } = file
  const length = file.width * hashLength
  if (bytes.length === length) {
    // A source may use its buffer again, or change it, after the hashes were checked.
    return { ok: true, path, hashes: new Uint8Array(bytes.subarray(0, width * hashLength)) }
  }
  const detail = `${path} has ${bytes.length} bytes instead of ${length}`
  return { ok: false, code: 'TILE_LENGTH', paths: [path], detail }
}

/**
 * The first `width` entries (1 to 256) of a bundle: views of one copy of it. Out of the full bundle
 * where a partial one is gone. Never rejects.
 */
export async function readEntries(
  source: TileSource,
  index: bigint,
  width: number,
  signal?: AbortSignal,
): Promise<
  { readonly ok: true; readonly path: string; readonly entries: Uint8Array[] } | TileFailure
> {
  const file = await readWidth(source, (some) => entryBundlePath(index, some), width, signal)
  if (!file.ok) return file
  const { path, bytes } = file
  const isOfLength =
    bytes.length >= file.width * 2 && bytes.length <= file.width * (2 + maxEntryLength)
  // One copy, which the source can't change any more; one for each entry would take far longer.
  const entries = isOfLength ? viewEntryBundle(new Uint8Array(bytes), file.width) : undefined
  if (entries !== undefined) return { ok: true, path, entries: entries.slice(0, width) }
  const detail = `${path} is not a bundle of ${file.width} entries`
  return { ok: false, code: 'BUNDLE_MALFORMED', paths: [path], detail }
}
