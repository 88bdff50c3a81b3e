/** The router of `vm serve` and `vm mcp`: a catalog and a ledger in files. */
import { resolve } from 'node:path'
import { Ledger } from '@vaultmesh/aurora-router/leases'
import { openRouter, type Router } from '@vaultmesh/aurora-router/router'
import type { Closers } from './closers.ts'
import type { Context } from './command.ts'
import { VmError } from './errors.ts'
import { policyIn, readCatalog } from './route.ts'

/** The files that a router is made of. */
interface RouterFiles {
  readonly catalog: string | undefined
  readonly ledger: string | undefined
  readonly policy: string | undefined
}

/** Others write to the ledger for moments only; longer, and requests pile up. */
const patienceMs = 2000

/**
 * Opens a router, closed with `closers`; undefined where no catalog is named.
 *
 * @throws {VmError} `VM_USAGE` for a catalog without a ledger, and what neither can be read as
 */
export async function openServedRouter(
  context: Context,
  { catalog, ledger, policy }: RouterFiles,
  closers: Closers,
): Promise<Router | undefined> {
  if (catalog === undefined && ledger === undefined && policy === undefined) return undefined
  if (catalog === undefined || ledger === undefined) {
    throw new VmError('VM_USAGE', 'routing needs --catalog and --ledger', {
      hint: 'give both; `vm catalog import` makes a catalog, and the ledger is made where there is none',
    })
  }
  const snapshot = await readCatalog(context, catalog)
  const chosen = await policyIn(context, policy)
  const open = new Ledger({
    path: resolve(context.cwd, ledger),
    clock: Date.now,
    patienceMs,
    groupSync: true,
  })
  closers.add(() => open.close())
  const router = openRouter({ catalog: snapshot, ledger: open, policy: chosen, clock: Date.now })
  closers.add(() => router.settled())
  return router
}
