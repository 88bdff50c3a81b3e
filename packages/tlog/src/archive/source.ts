/** The files of an archive, in the one order that they can have. */
import { maxNoteLength } from '@vaultmesh/merkle/note'
import { parseTilePath, type TileSource } from '@vaultmesh/merkle/tiles'
import { TlogError } from '../errors.ts'
import { maxTreeFileLength } from '../tree-files.ts'
import { ByteReader } from './byte-reader.ts'
import { blockLength, padding, parseTarHeader } from './tar.ts'

/** Says that a file is not an archive of a log. */
export function invalidArchive(why: string, cause?: unknown): TlogError {
  return new TlogError('LOG_ARCHIVE_INVALID', `the file is not a log that was exported: ${why}`, {
    cause,
  })
}

/** An archive that is read from its beginning to its end. */
export class ArchiveSource {
  readonly #bytes: ByteReader
  /** The last tile of each level: what is below it is verified by it. */
  readonly #kept = new Map<number, { readonly path: string; readonly bytes: Uint8Array }>()
  #turn: Promise<unknown> = Promise.resolve()

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#bytes = new ByteReader(chunks)
  }

  /** The bytes of the next file, which must be `name`. Throws LOG_ARCHIVE_INVALID. */
  async next(name: string): Promise<Uint8Array> {
    const member = parseTarHeader(await this.#bytes.take(blockLength))
    if (member === undefined) throw invalidArchive(`${name} is expected, and no such file follows`)
    if (member.name !== name) {
      throw invalidArchive(`${name} is expected where ${member.name} stands`)
    }
    const limit = name === 'checkpoint' ? maxNoteLength : maxTreeFileLength
    if (member.size > limit) throw invalidArchive(`${name} has ${member.size} bytes`)
    const bytes = await this.#bytes.take(member.size)
    const filling = await this.#bytes.take(padding(member.size))
    const isWhole = bytes.length === member.size && filling.length === padding(member.size)
    if (isWhole && filling.every((byte) => byte === 0)) return bytes
    throw invalidArchive(`it ends, or goes wrong, in ${name}`)
  }

  /** Reads the two empty blocks, after which nothing may come. Throws LOG_ARCHIVE_INVALID. */
  async end(): Promise<void> {
    const rest = await this.#bytes.take(2 * blockLength + 1)
    if (rest.length === 2 * blockLength && rest.every((byte) => byte === 0)) return
    throw invalidArchive('something else follows where it should end')
  }

  /** As a source of tiles, which has to be asked in the order of `treeFiles`. */
  readonly tiles: TileSource = (path) => {
    // One after the other, as they stand in the file.
    const read = this.#turn.then(() => this.#tile(path))
    this.#turn = read.catch(() => undefined)
    return read
  }

  /** Lets go of the stream. */
  close(): Promise<void> {
    return this.#bytes.close()
  }

  async #tile(path: string): Promise<Uint8Array> {
    const place = parseTilePath(path)
    const kept = place?.kind === 'tile' ? this.#kept.get(place.level) : undefined
    if (kept?.path === path) return kept.bytes
    const bytes = await this.next(path)
    if (place?.kind === 'tile') this.#kept.set(place.level, { path, bytes })
    return bytes
  }
}
