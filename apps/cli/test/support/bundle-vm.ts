/**
 * Runs once before all tests: bundles `vm` out of the sources, as users get it, since the tests
 * start it hundreds of times. Where `VM_TEST_BIN` names a built bundle, that one is tested.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** The program and the words that start `vm`; none where it could not be bundled. */
    readonly vmCommand: readonly string[]
  }
}

const application = fileURLToPath(new URL('../../', import.meta.url))

/** Makes the bundle, anew where a watched file changed; it is removed when the process ends. */
export function setup(project: TestProject): void {
  const built = process.env['VM_TEST_BIN']
  if (built !== undefined) {
    project.provide('vmCommand', [process.execPath, built])
    return
  }
  // Beside `dist`: the bundle reads the manifest above it, and finds the same dependencies.
  const folder = mkdtempSync(join(application, '.test-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const command = [
    process.execPath,
    // The packages of ours that stay out of the bundle need not be built either.
    '--conditions=@vaultmesh/source',
    // Node 22 says of every TypeScript file that running it is experimental.
    '--disable-warning=ExperimentalWarning',
    join(folder, 'vm.js'),
  ]
  const bundle = (): void => {
    const build = [join(application, 'build.ts'), folder]
    const { status } = spawnSync(process.execPath, build, { stdio: 'inherit' })
    // Tests that start no `vm` are none the worse for it.
    project.provide('vmCommand', status === 0 ? command : [])
  }
  bundle()
  project.onTestsRerun(bundle)
}
