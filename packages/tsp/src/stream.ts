/** Hashes bytes that come in pieces. */
import type { DigestName } from './digest.ts'
import { TspError } from './errors.ts'
import type { ByteStream, IncrementalHash, VerifyOptions } from './verdict.ts'

/**
 * The digests of a stream by these algorithms, in that order, in one pass. What the stream throws is
 * passed on. Throws {@link TspError} `INVALID_ARGUMENT` for a piece that is no bytes.
 */
export async function digestStream(
  stream: ByteStream,
  names: readonly DigestName[],
  createHash?: VerifyOptions['createHash'],
): Promise<Uint8Array[]> {
  // Loaded only where it is needed: most callers have all their data in memory.
  const create = createHash ?? (await import('./sha2.ts')).createSha2
  const hashes = names.map((name) => create(name))
  for await (const piece of pieces(stream)) {
    if (!(piece instanceof Uint8Array)) {
      throw new TspError('INVALID_ARGUMENT', 'stream gave something that is no Uint8Array')
    }
    for (const hash of hashes) hash.update(piece)
  }
  return hashes.map((hash: IncrementalHash) => new Uint8Array(hash.digest()))
}

async function* pieces(stream: ByteStream): AsyncGenerator<unknown> {
  if (!('getReader' in stream)) {
    yield* stream
    return
  }
  // Not every browser lets a ReadableStream be iterated.
  const reader = stream.getReader()
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value
  } finally {
    reader.releaseLock()
  }
}
