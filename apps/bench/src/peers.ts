/** Peers that npm does not have: built here, pinned by their lock files, left out where they can't be. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '@vaultmesh/testing/programs'

const app = join(import.meta.dirname, '..')
const tessera = join(app, 'build/peers/tessera')

/** The program that adds to a log by Tessera, or undefined where it was not built. */
export function tesseraPath(): string | undefined {
  return existsSync(tessera) ? tessera : undefined
}

/** Builds what can be built, and says in a line each what there is. */
export function buildPeers(): string[] {
  const go = findProgram('go')
  if (go === undefined) return ['tessera: absent, as there is no Go']
  try {
    const cwd = join(app, 'peers/tessera')
    execFileSync(go, ['build', '-mod=readonly', '-o', tessera, '.'], { cwd, stdio: 'pipe' })
    return ['tessera: built']
  } catch (error) {
    const said = error instanceof Error ? error.message.split('\n').slice(0, 3).join(' ') : ''
    return [`tessera: absent, as it could not be built: ${said}`]
  }
}
