/** Our server with a router over a ledger on the disk: `node route-process.ts FOLDER OFFERS`. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createSnapshot } from '@vaultmesh/aurora-router'
import { Ledger } from '@vaultmesh/aurora-router/leases'
import { openRouter } from '@vaultmesh/aurora-router/router'
import { initWorkspace, keyringDirectory, openWorkspace } from '@vaultmesh/remembrancer/workspace'
import { createServer } from '@vaultmesh/server'
import { createToken, openTokens, tokenDirectory } from '@vaultmesh/server/tokens'
import { serve } from './answering.ts'
import { makeOffers, tenant } from './route-question.ts'

const [folder = '', offers] = process.argv.slice(2)
const clock = (): Date => new Date()
const env = {
  HOME: folder,
  XDG_CONFIG_HOME: join(folder, 'config'),
  XDG_STATE_HOME: join(folder, 'state'),
}
const directory = join(folder, 'workspace')
mkdirSync(directory)
await initWorkspace({ directory, passphrase: null, clock, env })
const workspace = await openWorkspace({ directory, clock, env })

const ledger = new Ledger({
  path: join(folder, 'leases.sqlite'),
  clock: Date.now,
  // As `vm serve` opens it.
  groupSync: true,
})
ledger.setBudget(tenant, Number.MAX_SAFE_INTEGER)
const catalog = createSnapshot({
  version: 'bench',
  takenAt: clock().toISOString(),
  offers: makeOffers(Number(offers)),
})

const tokens = tokenDirectory(keyringDirectory(env), workspace.origin)
const createdAt = clock()
const { token } = createToken(tokens, {
  name: 'bench',
  scopes: ['route'],
  createdAt,
  expiresAt: new Date(createdAt.getTime() + 86_400_000),
})
const app = await createServer({
  workspace,
  tokens: openTokens({ directory: tokens, clock }),
  router: openRouter({ catalog, ledger, clock: Date.now }),
  // These refuse; what is measured is what is answered.
  limits: { requestsPerMinute: null, eventLoopDelayMs: null },
})
await serve(app, { token }, { leases: () => ledger.counts().hold }, async () => {
  ledger.close()
  await workspace.close()
})
