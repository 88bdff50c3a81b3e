/**
 * `node scripts/fetch-conformance.ts [FOLDER] [--check]`: fetches the conformance data from its
 * pinned public sources into FOLDER (else VAULTMESH_CONFORMANCE_DIR, else ../shared/conformance)
 * and checks every digest. `--check` only checks what is there, without the network.
 */
import { conformanceDirectory } from '@vaultmesh/testing/conformance'
import { checkFolder, fetchInto } from './conformance/fetch.ts'
import { readSources } from './conformance/list.ts'
import { commandLine } from './lib/run.ts'

const attempts = 3

async function download(url: string): Promise<Uint8Array> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(60_000) })
      if (!response.ok) throw new Error(`${url} answered ${response.status}`)
      return new Uint8Array(await response.arrayBuffer())
    } catch (error) {
      if (attempt === attempts) throw error
    }
  }
}

const args = commandLine()
const folder = args.find((argument) => !argument.startsWith('--')) ?? conformanceDirectory()
const { unpublished } = readSources()
const missing = args.includes('--check')
  ? checkFolder(folder).missing
  : await fetchInto(folder, download)
const { wrong } = checkFolder(folder)
const absent = missing.filter((path) => !(path in unpublished))
for (const path of wrong) process.stderr.write(`${path} is not what it should be\n`)
for (const path of absent) process.stderr.write(`${path} is missing\n`)
for (const path of missing.filter((name) => name in unpublished)) {
  process.stdout.write(`not fetched: ${path} (${unpublished[path]})\n`)
}
process.stdout.write(`${folder}: ${wrong.length + absent.length} problems\n`)
process.exitCode = wrong.length + absent.length === 0 ? 0 : 1
