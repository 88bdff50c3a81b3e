/** Bundles the command line: yargs goes in, what is published as a package of its own stays out. */
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { rolldown } from 'rolldown'

const { dependencies } = JSON.parse(
  readFileSync(new URL('package.json', import.meta.url), 'utf8'),
) as { dependencies: Record<string, string> }
const external = Object.keys(dependencies).map((name) => new RegExp(`^${name}(/|$)`))

// Help is laid out by `vm` itself. Yargs lays out help of its own on the way, which nobody sees,
// with parts that take more time to load than yargs does.
const unused = new Map([
  ['cliui', "export default () => ({ div() {}, span() {}, toString: () => '' })"],
  ['string-width', 'export default (text) => text.length'],
])

const folder = new URL('dist/', import.meta.url)
rmSync(folder, { recursive: true, force: true })

const bundle = await rolldown({
  cwd: import.meta.dirname,
  input: { vm: 'src/vm.ts', guard: 'src/demo/guard.ts' },
  platform: 'node',
  external: [/^node:/, ...external],
  // The oldest Node that `vm` runs on.
  transform: { target: 'node22.16' },
  plugins: [
    {
      name: 'unused-parts-of-yargs',
      resolveId: (name) => (unused.has(name) ? `\0${name}` : null),
      load: (id) => unused.get(id.replace('\0', '')) ?? null,
    },
  ],
})
await bundle.write({
  dir: 'dist',
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  sourcemap: false,
})
await bundle.close()
chmodSync(new URL('vm.js', folder), 0o755)
