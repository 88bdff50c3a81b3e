/** The stage as append-only files in the writer's state folder. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { decodeHex, encodeHex } from '@vaultmesh/merkle/bytes'
import { isOutOfSpace, TlogError, toTlogError } from '../errors.ts'
import type { FileSystem, WritableFile } from '../fs.ts'
import type { Tree } from '../head.ts'
import { maxBatch, maxStagedBytes, type Stage, type StagedRange } from '../storage.ts'
import {
  bindingOf,
  entriesOf,
  formatGroup,
  groupOverhead,
  parseGroups,
  type StageGroup,
  type StageKey,
  saltLength,
} from './stage-format.ts'

/** How long the files of a stage are. */
export interface StageSizes {
  /** After this many bytes a new file begins, so that the old one can be removed. */
  readonly segment: number
  /**
   * Files grow by this much at a time, in zeros: while a group fits into them, its sync is spared
   * the new length of the file.
   */
  readonly growth: number
}

const defaultSizes: StageSizes = { segment: 8 * 1024 * 1024, growth: 64 * 1024 }

/** More than a file can have, of which the last group may begin just before its end. */
const longestSegment =
  2 * defaultSizes.segment + groupOverhead + maxStagedBytes + 2 * maxBatch + defaultSizes.growth

/** A file of the stage. */
interface Segment {
  readonly number: number
  readonly path: string
  readonly key: StageKey
  readonly groups: StageGroup[]
}

/** The file that groups are added to. */
interface OpenSegment extends Segment {
  readonly file: WritableFile
  end: number
  allocated: number
}

/** `<number>-<salt>`: numbers go up, and the salt is the file's own. */
const namePattern = /^([0-9]{16})-([0-9a-f]{32})$/

/** A {@link Stage} in a folder of its own, which is made with the first entries. */
export class PosixStage implements Stage {
  readonly name: string
  readonly #fs: FileSystem
  readonly #binding: Uint8Array
  readonly #sizes: StageSizes
  #segments: Segment[] = []
  #open: OpenSegment | undefined
  #isPrepared = false

  constructor(fs: FileSystem, directory: string, origin: string, sizes: StageSizes = defaultSizes) {
    this.#fs = fs
    this.name = directory
    this.#sizes = sizes
    this.#binding = bindingOf(origin)
  }

  async open(): Promise<StagedRange | undefined> {
    await this.close()
    this.#segments = []
    for (const name of [...(await this.#fs.list(this.name))].sort()) {
      const [, number = '', salt = ''] = namePattern.exec(name) ?? []
      const key = { salt: decodeHex(salt) ?? new Uint8Array(), binding: this.#binding }
      if (key.salt.length !== saltLength) continue
      const segment = { number: Number(number), path: join(this.name, name), key }
      const groups = parseGroups(await this.#read(segment.path), key)
      if (groups === undefined) {
        throw new TlogError(
          'LOG_STATE_DAMAGED',
          `${segment.path} is damaged: entries that were acknowledged may be lost; restore the file, or recover the log with the size that you know to be its last`,
        )
      }
      this.#segments.push({ ...segment, groups: [...groups] })
    }
    const groups = this.#groups()
    const [first] = groups
    const last = groups.at(-1)
    if (first === undefined || last === undefined) return undefined
    return { first: first.first, next: last.next, base: last.base }
  }

  async #read(path: string): Promise<Uint8Array> {
    try {
      return (await this.#fs.read(path, longestSegment)) ?? new Uint8Array()
    } catch (error) {
      throw toTlogError(error, `reading ${path}`)
    }
  }

  /**
   * The groups that count: the newest that lead to the last one. A newer file takes the place of
   * what an older one holds of the same indexes, which was never acknowledged.
   */
  #groups(): StageGroup[] {
    let groups: StageGroup[] = []
    for (const segment of this.#segments) {
      const [first] = segment.groups
      if (first === undefined) continue
      groups = groups.filter(({ next }) => next <= first.first)
      if (groups.at(-1)?.next !== first.first) groups = []
      groups.push(...segment.groups)
    }
    return groups
  }

  async read(from: bigint): Promise<readonly Uint8Array[]> {
    const counted = new Set(this.#groups().filter(({ next }) => next > from))
    const segment = this.#segments.find(({ groups }) => groups.some((each) => counted.has(each)))
    if (segment === undefined) return []
    const bytes = await this.#read(segment.path)
    const groups = segment.groups.filter((each) => counted.has(each))
    const skipped = from - (groups[0]?.first ?? from)
    return groups.flatMap((each) => entriesOf(bytes, each) ?? []).slice(Number(skipped))
  }

  async secure(from: bigint): Promise<void> {
    for (const { path, groups } of this.#segments) {
      const last = groups.at(-1)
      if (last === undefined || last.next <= from) continue
      const bytes = (await this.#read(path)).subarray(0, last.end)
      const file = await this.#fs.update(path)
      try {
        await file.write(bytes, 0)
        await file.sync()
      } finally {
        await file.close()
      }
    }
    if (this.#segments.length > 0) await this.#fs.syncDirectory(this.name)
  }

  async append(first: bigint, entries: readonly Uint8Array[], base: Tree): Promise<void> {
    const open = this.#open
    const segment =
      open === undefined || open.end >= this.#sizes.segment ? await this.#begin() : open
    const group = formatGroup(segment.key, first, entries, base)
    const end = segment.end + group.length
    await this.#spaceRefused(() => this.#write(segment, group, end))
    await segment.file.sync()
    if (segment !== open) await this.#fs.syncDirectory(this.name)
    const next = first + BigInt(entries.length)
    segment.groups.push({ first, next, base, at: segment.end, end })
    segment.end = end
  }

  async #write(segment: OpenSegment, group: Uint8Array, end: number): Promise<void> {
    const { growth } = this.#sizes
    // A large group is worth the file's new length, and zeros would only be more to write.
    if (end <= segment.allocated || group.length > growth / 4) {
      return segment.file.write(group, segment.end)
    }
    const grown = new Uint8Array(group.length + growth)
    grown.set(group)
    try {
      await segment.file.write(grown, segment.end)
      segment.allocated = end + growth
    } catch (error) {
      if (!isOutOfSpace(error)) throw error
      // The group may be there, whole, and only the zeros not: then it is not refused, or it would
      // be found when the log is opened again.
      await segment.file.write(group, segment.end)
    }
  }

  async #begin(): Promise<OpenSegment> {
    await this.close()
    if (!this.#isPrepared) {
      await this.#spaceRefused(() => this.#fs.makeDirectory(this.name, 0o700))
      await this.#fs.syncDirectory(join(this.name, '..'))
      this.#isPrepared = true
    }
    const number = (this.#segments.at(-1)?.number ?? 0) + 1
    const key = { salt: Uint8Array.from(randomBytes(saltLength)), binding: this.#binding }
    const path = join(this.name, `${String(number).padStart(16, '0')}-${encodeHex(key.salt)}`)
    const file = await this.#spaceRefused(() => this.#fs.create(path))
    const segment = { number, path, key, groups: [], file, end: 0, allocated: 0 }
    this.#segments.push(segment)
    this.#open = segment
    return segment
  }

  /** What `act` does. A full disk comes out as LOG_NO_SPACE; the file is not used again. */
  async #spaceRefused<T>(act: () => Promise<T>): Promise<T> {
    try {
      return await act()
    } catch (error) {
      if (!isOutOfSpace(error)) throw error
      await this.close()
      throw toTlogError(error, `staging in ${this.name}`)
    }
  }

  async discard(before: bigint): Promise<void> {
    const newest = this.#segments.findLast(({ groups }) => groups.length > 0)
    const isKept = (segment: Segment): boolean =>
      segment === newest || segment === this.#open || (segment.groups.at(-1)?.next ?? 0n) > before
    for (const { path } of this.#segments.filter((segment) => !isKept(segment))) {
      await this.#fs.remove(path)
    }
    this.#segments = this.#segments.filter(isKept)
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    // What counts is synced, and nothing else depends on it.
    await open?.file.close().catch(() => undefined)
  }
}
