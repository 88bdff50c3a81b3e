/** Serial numbers that never repeat, across restarts and crashes (RFC 3161 section 2.4.2). */
import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { TspError } from '../errors.ts'

/** How many numbers are taken at once: a crash wastes at most so many, of 2^62. */
const block = 64n

/**
 * Counts in a file, which is made if it is not there: a decimal number and a line end, the first
 * number that was never taken. Gives a function for `AuthorityOptions.serial`.
 *
 * A serial number is 8 bytes of the count and 8 of chance. The count never repeats while the file is
 * kept; chance sees to it where the file is lost, restored from a backup, or used by two processes.
 * Both throw {@link TspError} `SERIALS_FAILED` where the file can't be read or written, or is none
 * of ours.
 */
export function openSerials(path: string): () => Uint8Array {
  let next = readCount(path)
  let end = next
  const serial = () => {
    if (next >= end) {
      // What is taken is on the disk before any of it is used.
      writeCount(path, next + block)
      end = next + block
    }
    const bytes = new Uint8Array(16)
    new DataView(bytes.buffer).setBigUint64(0, next)
    bytes.set(randomBytes(8), 8)
    next += 1n
    return bytes
  }
  // A folder that can't be written to shows at the start, not at the first request.
  writeCount(path, next + block)
  end = next + block
  return serial
}

function readCount(path: string): bigint {
  let text: string
  try {
    text = readFileSync(path, 'latin1')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return 1n
    throw new TspError('SERIALS_FAILED', `can't read ${path}`, { cause })
  }
  // 18 digits stay below 2^62, so that the first bit is never set.
  if (/^[1-9]\d{0,17}\n$/.test(text)) return BigInt(text.trim())
  throw new TspError('SERIALS_FAILED', `${path} is no file of serial numbers; name another`)
}

function writeCount(path: string, count: bigint): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    sync(openSync(temporary, 'w', 0o600), `${count}\n`)
    renameSync(temporary, path)
    sync(openSync(dirname(path), 'r'), '')
  } catch (cause) {
    throw new TspError('SERIALS_FAILED', `can't write ${path}`, { cause })
  }
}

function sync(file: number, text: string): void {
  try {
    if (text !== '') writeSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
