/**
 * Runs once before all tests: bundles `vm` out of the sources, as users get it, since the tests
 * start it hundreds of times. Where `VM_TEST_BIN` names a built bundle, that one is tested.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** The program and the words that start `vm`. */
    readonly vmCommand: readonly [string, ...string[]]
  }
}

const application = fileURLToPath(new URL('../../', import.meta.url))

/** Makes the bundle, and gives back what removes it. */
export function setup(project: TestProject): (() => void) | undefined {
  const built = process.env['VM_TEST_BIN']
  if (built !== undefined) {
    project.provide('vmCommand', [process.execPath, built])
    return undefined
  }
  // Beside `dist`: the bundle reads the manifest above it, and finds the same dependencies.
  const folder = mkdtempSync(join(application, '.test-'))
  execFileSync(process.execPath, [join(application, 'build.ts'), folder])
  project.provide('vmCommand', [
    process.execPath,
    // The packages of ours that stay out of the bundle need not be built either.
    '--conditions=@vaultmesh/source',
    // Node 22 says of every TypeScript file that running it is experimental.
    '--disable-warning=ExperimentalWarning',
    join(folder, 'vm.js'),
  ])
  return () => rmSync(folder, { recursive: true, force: true })
}
