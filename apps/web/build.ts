/**
 * Builds the page: `node build.ts [FOLDER]`, by default into `dist/page`. The same sources and
 * lockfile give the same bytes; `SHA256SUMS` beside them says which.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { build, type Plugin } from 'vite'

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, 'dist/page'))

/**
 * Vite wraps each lazy import in a helper that adds links for what the file imports in its turn.
 * Nothing here has any, and a page that adds no links is easier to judge.
 */
const noPreload: Plugin = {
  name: 'no-preload',
  enforce: 'pre',
  load: (id) =>
    id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load()' : null,
}

await build({
  root: join(import.meta.dirname, 'src/page'),
  // Relative addresses: the page works below any path.
  base: './',
  // Nothing but what stands here decides what is built.
  configFile: false,
  plugins: [noPreload],
  envDir: false,
  publicDir: false,
  logLevel: 'warn',
  // The sources of our packages, so that nothing needs to be built before.
  resolve: { conditions: ['@vaultmesh/source', 'browser', 'module', 'import', 'default'] },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: folder,
    emptyOutDir: true,
    target: 'es2023',
    // An inlined file would be a data: address, and a polyfill a script that nobody asked for.
    assetsInlineLimit: 0,
    modulePreload: false,
    // What a browser loads of others is theirs: their names and licences go along.
    license: { fileName: 'licenses.md' },
    rolldownOptions: { output: { comments: { legal: true } } },
  },
})

/** A licence that no package brings along. */
function thirdParty(name: string): string {
  return readFileSync(join(import.meta.dirname, '../../third-party', `${name}.txt`), 'utf8')
}

/** The notices, with the texts that packages lack, and the one that the LGPL builds on. */
function withAllTexts(notices: string): string {
  const [, ...packages] = notices.split(/^## /m)
  const lacking = packages.filter((text) => !text.trim().includes('\n'))
  const texts = lacking.map((title) => {
    const [name = ''] = title.split(' ', 1)
    return `## The text of ${name}\n\n${thirdParty(name.replace('/', '+'))}`
  })
  return [notices, ...texts, `## GPL-3.0\n\n${thirdParty('GPL-3.0')}`].join('\n')
}

const licenses = join(folder, 'licenses.md')
writeFileSync(licenses, withAllTexts(readFileSync(licenses, 'utf8')))

const sums = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) =>
    join(entry.parentPath, entry.name)
      .slice(folder.length + 1)
      .replaceAll('\\', '/'),
  )
  .sort()
  .map((path) => {
    const digest = createHash('sha256')
      .update(readFileSync(join(folder, path)))
      .digest('hex')
    return `${digest}  ${path}\n`
  })
writeFileSync(join(folder, 'SHA256SUMS'), sums.join(''))
