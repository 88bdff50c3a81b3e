/**
 * Writes the golden vectors of fork proofs into `docs/formats/vectors/fork`:
 *
 *     node --conditions=@vaultmesh/source packages/federation/test/vectors/generate.ts
 *
 * Keys and signatures are the same in every run, so the files are too.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { vectorFiles } from './files.ts'

const folder = resolve(import.meta.dirname, '../../../../docs/formats/vectors/fork')

for (const name of ['bad', 'good', 'policies']) {
  rmSync(join(folder, name), { recursive: true, force: true })
}
const files = await vectorFiles()
for (const [path, bytes] of files) {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, bytes)
}
process.stdout.write(`${files.size} files in ${folder}\n`)
