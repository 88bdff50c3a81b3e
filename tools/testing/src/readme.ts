/** Runs the examples of a package's README, so that what people copy is known to work. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What to run and where. */
export interface ReadmeExampleOptions {
  /** Which TypeScript block of the README, counted from 0 (the default). */
  readonly index?: number
  /** Variables added to the environment of the example. */
  readonly env?: Readonly<Record<string, string>>
  /** The folder it runs in; by default a new one, removed when it ends. */
  readonly cwd?: string
}

/** The TypeScript blocks (opened by a fence of exactly three backticks and `ts`) of a Markdown text. */
export function readmeExamples(markdown: string): string[] {
  return [...markdown.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '')
}

/** The node flags that run TypeScript sources of this workspace: none of ours is built. */
export function sourceFlags(): string[] {
  // Node strips types without being asked since 22.18; the lower bound is older.
  const strip = process.features.typescript === false ? ['--experimental-strip-types'] : []
  return ['--conditions=@vaultmesh/source', '--disable-warning=ExperimentalWarning', ...strip]
}

/**
 * Runs one TypeScript block of a README in a child process and returns what it wrote to stdout.
 *
 * Imports of `@vaultmesh/...`, also of the package itself, resolve to sources. `readme` is the path
 * or `file:` URL of the README, which stands in the package's folder. Fails, with what the example
 * wrote to stderr, where it ends with another code than 0.
 */
export async function runReadmeExample(
  readme: string | URL,
  options: ReadmeExampleOptions = {},
): Promise<string> {
  const path = readme instanceof URL ? fileURLToPath(readme) : readme
  const index = options.index ?? 0
  const code = readmeExamples(readFileSync(path, 'utf8'))[index]
  if (code === undefined) throw new Error(`${path} has no TypeScript block ${index}`)
  // A package may import itself by name only from inside its folder; git ignores `build`.
  const build = join(dirname(realpathSync(path)), 'build')
  mkdirSync(build, { recursive: true })
  const scratch = mkdtempSync(join(build, 'readme-'))
  const cwd = options.cwd ?? mkdtempSync(join(realpathSync(tmpdir()), 'vaultmesh-readme-'))
  try {
    const file = join(scratch, 'example.ts')
    writeFileSync(file, code)
    const { stdout } = await run(process.execPath, [...sourceFlags(), file], {
      cwd,
      // Node options of the test runner (coverage, loaders) are not the example's.
      env: { ...process.env, NODE_OPTIONS: '', ...options.env },
    })
    return stdout
  } finally {
    rmSync(scratch, { recursive: true, force: true })
    if (options.cwd === undefined) rmSync(cwd, { recursive: true, force: true })
  }
}
