import { createHash } from 'node:crypto'
import { basename, dirname, sep } from 'node:path'
import type { FileSystem, WritableFile } from '../../src/fs.ts'

interface File {
  readonly kind: 'file'
  bytes: Uint8Array
  synced: Uint8Array
}

interface Directory {
  readonly kind: 'directory'
  entries: Map<string, File | Directory>
  synced: Map<string, File | Directory>
}

/**
 * Chooses one of `options` (at least 2) outcomes of a power cut. The first of them is always what
 * was synced, the last what was written.
 */
export type Choose = (options: number) => number

/** What a disk writes at once, or not at all. */
const sectorLength = 512

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

function directory(): Directory {
  return { kind: 'directory', entries: new Map(), synced: new Map() }
}

/** The length first, then each sector that differs, in any combination: torn, and reordered. */
function survivingBytes({ bytes, synced }: File, choose: Choose): Uint8Array {
  if (bytes === synced) return synced
  const lengths = new Set([
    synced.length,
    Math.floor((synced.length + bytes.length) / 2),
    bytes.length,
  ])
  const length = [...lengths][lengths.size === 1 ? 0 : choose(lengths.size)] ?? 0
  const left = new Uint8Array(length)
  left.set(synced.subarray(0, length))
  for (let at = 0; at < length; at += sectorLength) {
    const end = Math.min(length, at + sectorLength)
    const written = new Uint8Array(end - at)
    written.set(bytes.subarray(at, end))
    const isSame = Buffer.from(written).equals(left.subarray(at, end))
    if (!isSame && choose(2) === 1) left.set(written, at)
  }
  return left
}

/** The same file under two names, as after a rename that was cut off, stays one file. */
function survivor(choose: Choose): (node: File | Directory) => File | Directory {
  const known = new Map<File | Directory, File | Directory>()
  const survive = (node: File | Directory): File | Directory => {
    const before = known.get(node)
    if (before !== undefined) return before
    if (node.kind === 'file') {
      const bytes = survivingBytes(node, choose)
      const file: File = { kind: 'file', bytes, synced: bytes }
      known.set(node, file)
      return file
    }
    const left = directory()
    known.set(node, left)
    for (const name of new Set([...node.synced.keys(), ...node.entries.keys()])) {
      const synced = node.synced.get(name)
      const written = node.entries.get(name)
      const child = synced === written || choose(2) === 0 ? synced : written
      if (child !== undefined) left.entries.set(name, survive(child))
    }
    left.synced = new Map(left.entries)
    return left
  }
  return survive
}

/**
 * Files in memory that know what a power cut would leave: bytes count only once their file was
 * synced, names only once their folder was.
 */
export class MemoryFileSystem implements FileSystem {
  #root = directory()

  /** `folders` of the root are there from the beginning. */
  constructor(folders: readonly string[]) {
    for (const name of folders) {
      const child = directory()
      this.#root.entries.set(name, child)
      this.#root.synced.set(name, child)
    }
  }

  /** Loses what a power cut may lose. */
  crash(choose: Choose): void {
    const root = survivor(choose)(this.#root)
    if (root.kind === 'directory') this.#root = root
  }

  /** Another disk, with what a power cut now may leave. This one goes on. */
  afterCrash(choose: Choose): MemoryFileSystem {
    const other = new MemoryFileSystem([])
    const root = survivor(choose)(this.#root)
    if (root.kind === 'directory') other.#root = root
    return other
  }

  /** Another disk with the same files, and the same knowledge of what was synced. */
  copy(): MemoryFileSystem {
    const known = new Map<File | Directory, File | Directory>()
    const copyOf = (node: File | Directory): File | Directory => {
      const before = known.get(node)
      if (before !== undefined) return before
      if (node.kind === 'file') {
        const file = { ...node }
        known.set(node, file)
        return file
      }
      const other = directory()
      known.set(node, other)
      for (const [name, child] of node.entries) other.entries.set(name, copyOf(child))
      for (const [name, child] of node.synced) other.synced.set(name, copyOf(child))
      return other
    }
    const other = new MemoryFileSystem([])
    const root = copyOf(this.#root)
    if (root.kind === 'directory') other.#root = root
    return other
  }

  /** Takes a file or folder away, also after a power cut. */
  lose(path: string): void {
    const { entries, synced } = this.#directory(dirname(path))
    entries.delete(basename(path))
    synced.delete(basename(path))
  }

  /** Tells disks with different names or bytes apart. */
  fingerprint(): string {
    const digest = createHash('sha256')
    const add = (node: File | Directory): void => {
      if (node.kind === 'file') {
        digest.update(`${node.bytes.length}:`).update(node.bytes)
        return
      }
      for (const [name, child] of [...node.entries].sort(([a], [b]) => (a < b ? -1 : 1))) {
        digest.update(`(${name}`)
        add(child)
        digest.update(')')
      }
    }
    add(this.#root)
    return digest.digest('hex')
  }

  #find(path: string): File | Directory | undefined {
    let at: File | Directory | undefined = this.#root
    for (const name of path.split(sep).filter((part) => part !== '')) {
      at = at?.kind === 'directory' ? at.entries.get(name) : undefined
    }
    return at
  }

  #directory(path: string): Directory {
    const found = this.#find(path)
    if (found?.kind !== 'directory') throw systemError('ENOENT', path)
    return found
  }

  async read(path: string, limit: number): Promise<Uint8Array | undefined> {
    const found = this.#find(path)
    if (found === undefined) return undefined
    if (found.kind !== 'file') throw new Error(`${path} is not a regular file`)
    if (found.bytes.length > limit) throw new Error(`${path} is too long`)
    return found.bytes
  }

  async list(path: string): Promise<readonly string[]> {
    const found = this.#find(path)
    return found?.kind === 'directory' ? [...found.entries.keys()] : []
  }

  async create(path: string): Promise<WritableFile> {
    const { entries } = this.#directory(dirname(path))
    const present = entries.get(basename(path))
    const file: File =
      present?.kind === 'file'
        ? present
        : { kind: 'file', bytes: new Uint8Array(), synced: new Uint8Array() }
    file.bytes = new Uint8Array()
    entries.set(basename(path), file)
    return this.#writable(file)
  }

  async update(path: string): Promise<WritableFile> {
    const file = this.#find(path)
    if (file?.kind !== 'file') throw systemError('ENOENT', path)
    return this.#writable(file)
  }

  #writable(file: File): WritableFile {
    return {
      async write(bytes, at) {
        const length = Math.max(file.bytes.length, at + bytes.length)
        // What was synced, and what was read, stays as it was.
        const all = new Uint8Array(length)
        all.set(file.bytes)
        all.set(bytes, at)
        file.bytes = all
      },
      async sync() {
        file.synced = file.bytes
      },
      async close() {},
    }
  }

  async rename(from: string, to: string): Promise<void> {
    const source = this.#directory(dirname(from)).entries
    const file = source.get(basename(from))
    if (file === undefined) throw systemError('ENOENT', from)
    this.#directory(dirname(to)).entries.set(basename(to), file)
    source.delete(basename(from))
  }

  async remove(path: string): Promise<void> {
    this.#directory(dirname(path)).entries.delete(basename(path))
  }

  async makeDirectory(path: string): Promise<void> {
    const { entries } = this.#directory(dirname(path))
    if (!entries.has(basename(path))) entries.set(basename(path), directory())
  }

  async syncDirectory(path: string): Promise<void> {
    const found = this.#directory(path)
    found.synced = new Map(found.entries)
  }
}
