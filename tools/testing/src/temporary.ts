import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new empty folder that is removed when the running test ends. Call it inside a test. */
export function temporaryDirectory(prefix = 'vaultmesh-'): string {
  const directory = mkdtempSync(join(realpathSync(tmpdir()), prefix))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
