/** Fetches the conformance data and checks it against its digests. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { goBytes, originOf, readDigests, readSources, sha256 } from './list.ts'

/** Gives the bytes behind a URL. */
export type Download = (url: string) => Promise<Uint8Array>

/** What is missing in a folder, or is not what it should be. Looks at nothing but the files. */
export function checkFolder(folder: string): { wrong: string[]; missing: string[] } {
  const wrong: string[] = []
  const missing: string[] = []
  for (const [path, digest] of readDigests()) {
    const file = join(folder, path)
    if (!existsSync(file)) missing.push(path)
    else if (sha256(readFileSync(file)) !== digest) wrong.push(path)
  }
  return { wrong, missing }
}

async function fetchFile(path: string, digest: string, download: Download): Promise<Uint8Array> {
  const origin = originOf(path, readSources())
  if (origin === undefined) throw new Error(`${path} has no source`)
  const bytes = await download(origin.url)
  const content =
    origin.variable === undefined ? bytes : goBytes(Buffer.from(bytes).toString(), origin.variable)
  const found = sha256(content)
  if (found !== digest) throw new Error(`${origin.url} hashes to ${found}, not ${digest}`)
  return content
}

const workers = 8

/**
 * Brings `folder` up to date: fetches every file that is missing or wrong. A file whose digest is
 * not the committed one is refused, and nothing of it is written. Gives the paths that have no
 * public source and are absent.
 */
export async function fetchInto(folder: string, download: Download): Promise<string[]> {
  const { unpublished } = readSources()
  const { wrong, missing } = checkFolder(folder)
  const wanted = [...wrong, ...missing].filter((path) => !(path in unpublished))
  const digests = readDigests()
  const work = async (): Promise<void> => {
    for (let path = wanted.shift(); path !== undefined; path = wanted.shift()) {
      const bytes = await fetchFile(path, digests.get(path) ?? '', download)
      const file = join(folder, path)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(`${file}.part`, bytes)
      renameSync(`${file}.part`, file)
    }
  }
  await Promise.all(Array.from({ length: workers }, work))
  return checkFolder(folder).missing
}
