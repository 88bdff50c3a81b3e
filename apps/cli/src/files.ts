/** Reading and writing the files that a user names. */
import { randomBytes } from 'node:crypto'
import { constants, createReadStream, openSync } from 'node:fs'
import { open, rename, rm, stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import { basename, dirname, join, resolve } from 'node:path'
import { addAbortSignal, type Readable } from 'node:stream'
import type { Context } from './command.ts'
import { VmError } from './errors.ts'
import { readAll } from './input.ts'

/**
 * The bytes of a file, or of standard input for `-`.
 *
 * @throws {VmError} `VM_USAGE` when it can't be read or holds more than `limit` bytes.
 */
export async function readNamed(
  context: Context,
  name: string,
  limit: number,
): Promise<Uint8Array> {
  if (name === '-') return await context.readInput(limit)
  const path = resolve(context.cwd, name)
  try {
    if ((await stat(path)).isFIFO()) return await readPipe(path, limit, context.signal)
    return await readBounded(path, limit)
  } catch (error) {
    if (error instanceof VmError) throw error
    context.signal.throwIfAborted()
    throw unreadable(name, error)
  }
}

/** The failure of a file that the user named and that can't be read. */
export function unreadable(name: string, cause: unknown): VmError {
  return new VmError('VM_USAGE', `${name} can not be read: ${reason(cause)}`, {
    hint: 'check the path',
    cause,
  })
}

/** The bytes of a file piece by piece, however many. Throws what the operating system says. */
export async function streamNamed({ cwd, signal }: Context, name: string): Promise<Readable> {
  const path = resolve(cwd, name)
  const isPipe = (await stat(path)).isFIFO()
  return isPipe ? addAbortSignal(signal, openPipe(path)) : createReadStream(path, { signal })
}

function readPipe(path: string, limit: number, signal: AbortSignal): Promise<Uint8Array> {
  return readAll(openPipe(path), limit, signal)
}

/**
 * A named pipe, such as a shell's `<(command)`. Opened as a file it would hold a thread that nothing
 * can interrupt; as a stream it ends with the signal.
 */
function openPipe(path: string): Socket {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return new Socket({ fd, readable: true, writable: false })
}

/** A file may grow while it is read, and a device has no size: the bound holds on what is read. */
async function readBounded(path: string, limit: number): Promise<Uint8Array> {
  const file = await open(path)
  try {
    const chunks: Buffer[] = []
    let size = 0
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(64 * 1024))
      if (bytesRead === 0) return Buffer.concat(chunks)
      size += bytesRead
      if (size > limit) throw new VmError('VM_USAGE', `${path} holds more than ${limit} bytes`)
      chunks.push(buffer.subarray(0, bytesRead))
    }
  } finally {
    await file.close()
  }
}

/** Text as UTF-8 gives it. @throws {VmError} `VM_USAGE` when the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw new VmError('VM_USAGE', `${name} is not UTF-8 text`, { hint: 'convert it to UTF-8' })
  }
}

/** A device or a pipe, such as `/dev/stdout`, would be gone, with a file in its place. */
async function requireReplaceable(path: string, name: string): Promise<void> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined || found.isFile() || found.isDirectory()) return
  throw new VmError('VM_USAGE', `${name} is no file that could be replaced`, {
    hint: 'name a file',
  })
}

/**
 * Writes a file whole or not at all, over one that is there. Gives its absolute path. Throws what
 * the pieces of it throw.
 */
export async function writeNamed(
  context: Context,
  name: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<string> {
  const path = resolve(context.cwd, name)
  await requireReplaceable(path, name)
  const unfinished = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    const file = await open(unfinished, 'wx', 0o644)
    try {
      await file.writeFile(bytes, { signal: context.signal })
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(unfinished, path)
    return path
  } catch (error) {
    await rm(unfinished, { force: true })
    context.signal.throwIfAborted()
    if (!(error instanceof Error && 'errno' in error)) throw error
    throw new VmError('VM_SYSTEM', `${name} can not be written: ${reason(error)}`, {
      cause: error,
    })
  }
}

/** What the operating system says, in the words of people who have not read errno(3). */
function reason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return (
    new Map([
      ['EACCES', 'permission denied'],
      ['EISDIR', 'it is a folder'],
      ['ENOENT', 'it is not there'],
      ['ENOSPC', 'the disk is full'],
      ['ENOTDIR', 'a part of its path is not a folder'],
      ['EROFS', 'the disk is read-only'],
    ]).get(code) ?? (error instanceof Error ? error.message : String(error))
  )
}
