/** How fork proofs are named in a folder. */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError, toFederationError } from './files.ts'
import { isDigest } from './heads.ts'

const suffix = '.vmfork.json'

/** The file of the proof with an id. */
export function proofFile(folder: string, id: string): string {
  return join(folder, `${id}${suffix}`)
}

/** The ids of the proofs in a folder, sorted; none where it is not there. */
export async function proofIdsIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return []
    throw toFederationError(error, `reading ${folder}`)
  })
  return names
    .filter((name) => name.endsWith(suffix) && isDigest(name.slice(0, -suffix.length)))
    .map((name) => name.slice(0, -suffix.length))
    .toSorted()
}
