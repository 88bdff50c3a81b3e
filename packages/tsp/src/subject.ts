/** What several tokens are compared with, hashed once. */

import { readContentInfo, readSignedData } from './cms.ts'
import { copyInput, DerError, parseDer, tryRead } from './der.ts'
import { type DigestName, digestBytes, readDigestAlgorithm, sha2 } from './digest.ts'
import { TspError } from './errors.ts'
import { digestStream } from './stream.ts'
import { readTstInfo } from './tst-info.ts'
import type { VerifyOptions } from './verdict.ts'

/** What was stamped: exactly one of the three. */
export interface SubjectOptions extends Pick<VerifyOptions, 'createHash' | 'data' | 'stream'> {
  /** SHA-256, SHA-384 and SHA-512 of it, as many of them as its tokens use, in any order. */
  readonly digests?: readonly Uint8Array[] | undefined
}

/** The digests of what was stamped. */
export type SubjectDigests = ReadonlyMap<DigestName, Uint8Array>

/** The digest algorithm of a token's imprint; undefined where it is none that is supported. */
export function imprintAlgorithm(token: Uint8Array): DigestName | undefined {
  const name = tryRead(() => {
    const { content } = readSignedData(readContentInfo(parseDer(copyInput(token))).content)
    if (content === undefined) throw new DerError('the token holds nothing')
    return readDigestAlgorithm(readTstInfo(content).imprint.algorithm, 'the imprint')?.name
  })
  return name instanceof DerError ? undefined : name
}

/**
 * Hashes what was stamped by these algorithms, a stream in one pass. Throws {@link TspError}
 * `INVALID_ARGUMENT` where not exactly one thing is given, or a digest has no known length.
 */
export async function hashSubject(
  { data, stream, digests, createHash }: SubjectOptions,
  names: Iterable<DigestName>,
): Promise<SubjectDigests> {
  const given = [data, stream, digests].filter((one) => one !== undefined)
  if (given.length !== 1) {
    throw new TspError('INVALID_ARGUMENT', 'give exactly one of data, stream and digests')
  }
  const wanted = [...new Set(names)]
  if (digests !== undefined) return new Map(digests.map((digest) => [nameOf(digest), digest]))
  const hashed =
    stream === undefined
      ? await Promise.all(wanted.map((name) => digestBytes(name, new Uint8Array(data ?? []))))
      : await digestStream(stream, wanted, createHash)
  return new Map(wanted.map((name, index) => [name, hashed[index] ?? new Uint8Array()]))
}

function nameOf(digest: Uint8Array): DigestName {
  const found = sha2.find(({ length }) => length === digest.length)
  if (found !== undefined) return found.name
  throw new TspError('INVALID_ARGUMENT', `a digest of ${digest.length} bytes; give 32, 48 or 64`)
}
