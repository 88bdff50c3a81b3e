import { basename, dirname, sep } from 'node:path'
import { concatBytes } from '@vaultmesh/merkle/bytes'
import type { FileSystem } from '../../src/fs.ts'

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

/** Which of two states of something a power cut leaves: what was synced, or what was written. */
export type Survival = () => 'synced' | 'written'

function systemError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code })
}

function directory(): Directory {
  return { kind: 'directory', entries: new Map(), synced: new Map() }
}

function surviving(node: File | Directory, survival: Survival): File | Directory {
  if (node.kind === 'file') {
    const bytes = survival() === 'synced' ? node.synced : node.bytes
    return { kind: 'file', bytes, synced: bytes }
  }
  const entries = new Map<string, File | Directory>()
  for (const name of new Set([...node.entries.keys(), ...node.synced.keys()])) {
    const { entries: written, synced } = node
    const child = survival() === 'synced' ? synced.get(name) : written.get(name)
    if (child !== undefined) entries.set(name, surviving(child, survival))
  }
  return { kind: 'directory', entries, synced: new Map(entries) }
}

/**
 * Files in memory that know what a power cut would leave: bytes count only once their file was
 * synced, names only once their folder was.
 */
export class MemoryFileSystem implements FileSystem {
  #root = directory()

  /** `path` is there from the beginning. */
  constructor(path: string) {
    let at = this.#root
    for (const name of path.split(sep).filter((part) => part !== '')) {
      const child = directory()
      at.entries.set(name, child)
      at.synced.set(name, child)
      at = child
    }
  }

  /** Loses what a power cut may lose. */
  crash(survival: Survival): void {
    const root = surviving(this.#root, survival)
    if (root.kind === 'directory') this.#root = root
  }

  /** Deletes a file, also after a power cut. */
  remove(path: string): void {
    const { entries, synced } = this.#directory(dirname(path))
    entries.delete(basename(path))
    synced.delete(basename(path))
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

  async create(path: string): ReturnType<FileSystem['create']> {
    const { entries } = this.#directory(dirname(path))
    const present = entries.get(basename(path))
    const file: File =
      present?.kind === 'file'
        ? present
        : { kind: 'file', bytes: new Uint8Array(), synced: new Uint8Array() }
    file.bytes = new Uint8Array()
    entries.set(basename(path), file)
    return {
      async write(bytes) {
        file.bytes = concatBytes(file.bytes, bytes)
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

  async makeDirectory(path: string): Promise<void> {
    const { entries } = this.#directory(dirname(path))
    if (!entries.has(basename(path))) entries.set(basename(path), directory())
  }

  async syncDirectory(path: string): Promise<void> {
    const found = this.#directory(path)
    found.synced = new Map(found.entries)
  }
}
