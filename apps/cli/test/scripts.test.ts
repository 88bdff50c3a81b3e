/** Every script in `scripts/` is a test: what a user types, and what `vm` answers. */
import { readdirSync, readFileSync } from 'node:fs'
import { itWith } from '@vaultmesh/testing'
import { vi } from 'vitest'
import { parseSession, playSession } from './support/session.ts'
import { stage } from './support/stage.ts'

// A script starts dozens of processes.
vi.setConfig({ testTimeout: 300_000 })

const folder = new URL('scripts/', import.meta.url)

for (const name of readdirSync(folder).sort()) {
  const session = parseSession(readFileSync(new URL(name, folder), 'utf8'))
  itWith(session.needs, name.replace(/\.txt$/, ''), () => playSession(session, stage()))
}
