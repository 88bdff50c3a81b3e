/**
 * Where the page that verifies proofs is, and how to serve it. The page itself runs in a browser
 * (`src/page`); this module is for servers, and imports nothing but Node.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export { pageHeaders } from './headers.ts'

/**
 * The folder (absolute path) with the static files of the page: `index.html`, `assets/`,
 * `SHA256SUMS` and `licenses.md`. The published package holds them; in a clone of the repository
 * `pnpm build` makes them, and until then the folder does not exist: see {@link preparePage}.
 *
 * Serve it below any path that ends in `/`, with {@link pageHeaders}.
 */
export const pageDirectory: string = fileURLToPath(new URL('../dist/page', import.meta.url))

/** In a clone, and only there: what builds the page. */
const builder = fileURLToPath(new URL('../build.ts', import.meta.url))

/**
 * Gives a folder (absolute path) with the page: {@link pageDirectory} out of the published package.
 * In a clone the page is built from its sources into `folder`, which takes about a second, so that
 * what is served is never older than the sources.
 *
 * @throws Error with the output of the build where it fails, or where `signal` ends it.
 */
export async function preparePage(
  folder: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<string> {
  if (!existsSync(builder)) return pageDirectory
  // Node strips types without being asked since 22.18; the lower bound is older.
  const flags = process.features.typescript === false ? ['--experimental-strip-types'] : []
  await promisify(execFile)(process.execPath, [...flags, builder, folder], { signal })
  return folder
}
