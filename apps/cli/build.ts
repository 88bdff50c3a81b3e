/**
 * Bundles the command line: `node build.ts [FOLDER]`, by default into `dist`. Its libraries go in,
 * because some thirty files load in half the time of the hundreds that they consist of. What stays out
 * is in `dependencies` of the manifest: files (the templates, the page), what only some commands
 * load, and `openpgp`, which the LGPL wants replaceable. `licenses.md` has the terms of the rest.
 */
import { chmodSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join, resolve } from 'node:path'
import { type OutputChunk, type Plugin, rolldown } from 'rolldown'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly dependencies?: Readonly<Record<string, string>>
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest

// The templates are read from the installed package of exactly this version; its code is bundled.
const withFiles = '@vaultmesh/spawn-core'

const dependencies = Object.keys(readManifest(import.meta.dirname).dependencies ?? {}).filter(
  (name) => name !== withFiles,
)
const external = dependencies.map((name) => new RegExp(`^${name}(/|$)`))

// Help is laid out by `vm` itself. Yargs lays out help of its own on the way, which nobody sees,
// with parts that take more time to load than yargs does.
const unused = new Map([
  ['cliui', "export default () => ({ div() {}, span() {}, toString: () => '' })"],
  ['string-width', 'export default (text) => text.length'],
])

const unusedPartsOfYargs: Plugin = {
  name: 'unused-parts-of-yargs',
  resolveId: (name) => (unused.has(name) ? `\0${name}` : null),
  load: (id) => unused.get(id.replace('\0', '')) ?? null,
}

/** The folder of the installed package that a module belongs to; none for our own sources. */
function packageFolder(module: string): string | undefined {
  const [folder] = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(module) ?? []
  return folder
}

/** Name, version and terms of a package, as its licence asks of whoever hands out copies. */
function notice(folder: string): string {
  const { name, version, license = 'no licence' } = readManifest(folder)
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  // Where a package lacks the text, it has to be there.
  const kept = join(import.meta.dirname, '../../third-party', `${name.replace('/', '+')}.txt`)
  const terms = quoted(file === undefined ? kept : join(folder, file))
  return `## ${name} ${version} (${license})\n\n${terms}\n`
}

/** A text as a block of code in Markdown. */
function quoted(path: string): string {
  const lines = readFileSync(path, 'utf8').trim().split(/\r?\n/)
  return lines.map((line) => `    ${line}`.trimEnd()).join('\n')
}

const notices: Plugin = {
  name: 'notices',
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter(
      (file): file is OutputChunk => file.type === 'chunk',
    )
    const modules = chunks.flatMap(({ moduleIds }) => moduleIds)
    const folders = new Set(modules.flatMap((module) => packageFolder(module) ?? []))
    const source = ['# Bundled packages\n', ...[...folders].map(notice).sort()].join('\n')
    this.emitFile({ type: 'asset', fileName: 'licenses.md', source })
  },
}

/** What the bundle asks of its surroundings must be declared, and what is declared be asked for. */
const declared: Plugin = {
  name: 'declared',
  generateBundle(_options, bundle) {
    const imported = Object.values(bundle)
      .flatMap((file) => (file.type === 'chunk' ? [...file.imports, ...file.dynamicImports] : []))
      .filter((name) => !isBuiltin(name) && !(name in bundle))
      .map((name) => name.split('/', name.startsWith('@') ? 2 : 1).join('/'))
    const wrong = [...new Set(dependencies).symmetricDifference(new Set(imported))]
    if (wrong.length > 0) {
      throw new Error(`imported and not a dependency, or the other way round: ${wrong.join(', ')}`)
    }
  },
}

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, 'dist'))
rmSync(folder, { recursive: true, force: true })

const bundle = await rolldown({
  cwd: import.meta.dirname,
  input: { vm: 'src/vm.ts', guard: 'src/demo/guard.ts' },
  platform: 'node',
  external: [/^node:/, ...external],
  resolve: { conditionNames: ['@vaultmesh/source', 'node', 'import'] },
  // The oldest Node that `vm` runs on.
  transform: { target: 'node22.16' },
  plugins: [unusedPartsOfYargs, declared, notices],
})
await bundle.write({
  dir: folder,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  sourcemap: false,
})
await bundle.close()
chmodSync(join(folder, 'vm.js'), 0o755)
