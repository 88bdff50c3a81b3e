/** Bodies on disk: one file each, named after its digest. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseBody } from '../body.ts'
import { RemembrancerError } from '../errors.ts'
import type { Body } from '../record.ts'
import { putFile, systemCode } from './files.ts'

/** The file of a blob. `digest` is 64 hex digits. */
function blobPath(blobs: string, digest: string): string {
  return join(blobs, digest.slice(0, 2), digest)
}

/** Keeps a body, durable before this resolves. */
export async function putBlob(blobs: string, digest: string, bytes: Uint8Array): Promise<void> {
  await putFile(blobPath(blobs, digest), bytes)
}

/**
 * Reads a body; undefined where it is not here (any more).
 *
 * @throws RemembrancerError BODY_ALTERED where the file is not what the record's digest says.
 */
export async function readBlob(blobs: string, digest: string): Promise<Body | undefined> {
  const path = blobPath(blobs, digest)
  const bytes = await readFile(path).catch((error) => {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return undefined
  const body = parseBody(bytes)
  if (body.ok && createHash('sha256').update(bytes).digest('hex') === digest) return body.value
  throw new RemembrancerError(
    'BODY_ALTERED',
    `${path} is not the text that the record was signed for. Restore it from a backup, or delete it to have the record shown without its text.`,
  )
}
