/**
 * `node scripts/train.ts FOLDER`: writes the manifest of a release train, `releases/<name>.json`,
 * from the tarballs in FOLDER (as they were published) and the manifest of the train before, and
 * prints its name. Uses nothing that has to be installed.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { output } from './lib/run.ts'
import { publicPackages, readJson, root } from './lib/workspace.ts'
import { nextTrain, type Train, type TrainPackage, trainManifest } from './train/manifest.ts'

/** The tarballs below a folder: name, version and digest of each. */
async function tarballs(folder: string): Promise<TrainPackage[]> {
  const found: TrainPackage[] = []
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!path.endsWith('.tgz')) continue
    const file = join(folder, path)
    const manifest = await output('tar', ['-xzOf', file, 'package/package.json'])
    const { name, version } = JSON.parse(manifest) as { name: string; version: string }
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex')
    found.push({ name, version, tarball: `sha256:${digest}` })
  }
  return found
}

async function main(folder: string): Promise<void> {
  const releases = join(root, 'releases')
  mkdirSync(releases, { recursive: true })
  const names = readdirSync(releases).flatMap((file) =>
    file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : [],
  )
  const { name, previous } = nextTrain(new Date(), names)
  const before = previous === undefined ? undefined : join(releases, `${previous}.json`)
  const commit = (await output('git', ['rev-parse', 'HEAD'])).trim()
  const manifest = trainManifest({
    name,
    commit,
    packages: publicPackages().map(({ manifest: { name: id, version } }) => ({
      name: id,
      version,
    })),
    packed: await tarballs(folder),
    previous: before !== undefined && existsSync(before) ? readJson<Train>(before) : undefined,
  })
  writeFileSync(join(releases, `${name}.json`), `${JSON.stringify(manifest, null, 2)}\n`)
  process.stdout.write(`${name}\n`)
}

const [folder] = process.argv.slice(2)
if (folder === undefined) {
  process.stderr.write('usage: train.ts FOLDER\n')
  process.exitCode = 2
} else {
  await main(folder)
}
