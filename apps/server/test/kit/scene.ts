/** A workspace in a folder of its own, a server over it, and tokens. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createSnapshot, type Offer } from '@vaultmesh/aurora-router'
import { Ledger } from '@vaultmesh/aurora-router/leases'
import { openRouter, type Router } from '@vaultmesh/aurora-router/router'
import {
  initWorkspace,
  keyringDirectory,
  openWorkspace,
  type Workspace,
} from '@vaultmesh/remembrancer/workspace'
import { createMetrics, createServer, type ServerOptions } from '@vaultmesh/server'
import {
  createToken,
  openTokens,
  type Scope,
  scopes,
  tokenDirectory,
} from '@vaultmesh/server/tokens'
import { temporaryDirectory } from '@vaultmesh/testing'
import type { FastifyInstance } from 'fastify'
import { onTestFinished } from 'vitest'

export const noon: Date = new Date('2026-03-01T12:00:00Z')

export interface Home {
  readonly path: string
  readonly project: string
  readonly env: {
    readonly HOME: string
    readonly XDG_CONFIG_HOME: string
    readonly XDG_STATE_HOME: string
  }
}

export function makeHome(): Home {
  const path = temporaryDirectory('vm-server-')
  const project = join(path, 'lab')
  mkdirSync(project)
  const env = {
    HOME: path,
    XDG_CONFIG_HOME: join(path, '.config'),
    XDG_STATE_HOME: join(path, '.state'),
  }
  return { path, project, env }
}

export interface Scene extends Home {
  readonly app: FastifyInstance
  readonly workspace: Workspace
  readonly router: Router
  readonly ledger: Ledger
  readonly tokens: string
  /** The time of the server, and of the workspace. */
  now: Date
  /** What the server has logged. */
  readonly logged: string[]
  /** A bearer header with a new token. */
  bearer(...allowed: Scope[]): { readonly authorization: string }
}

function offer(id: string, changes: Partial<Offer> = {}): Offer {
  return {
    ...{ id, provider: 'alder', gpu: 'A100', gpus: 1, region: 'eu-west' },
    ...{ priceMicroUsd: 1_000_000, spot: false, open: true },
    ...{ latencyMs: 100, reputation: 90, capacity: 2, free: 2 },
    ...changes,
  }
}

const offers = [
  offer('alder/1xA100'),
  offer('birch/1xA100', { provider: 'birch', priceMicroUsd: 2_000_000, capacity: 4, free: 4 }),
  offer('cedar/8xH100', { provider: 'cedar', gpu: 'H100', gpus: 8, capacity: null, free: null }),
]

/** Nothing is refused because the machine is slow. */
export const calm = { eventLoopDelayMs: null, requestsPerMinute: null } as const

export async function makeScene(options: Partial<ServerOptions> = {}): Promise<Scene> {
  const home = makeHome()
  const state = { now: noon }
  const clock = (): Date => state.now
  await initWorkspace({
    directory: home.project,
    namespace: 'lab',
    passphrase: null,
    clock,
    env: home.env,
  })
  const metrics = createMetrics()
  const workspace = await openWorkspace({
    directory: home.project,
    clock,
    env: home.env,
    observer: metrics.observer,
  })
  onTestFinished(() => workspace.close())
  const ledger = new Ledger({
    path: join(home.path, 'leases.sqlite'),
    clock: () => state.now.getTime(),
    groupSync: true,
  })
  ledger.setBudget('lab', 100_000_000)
  onTestFinished(() => ledger.close())
  const catalog = createSnapshot({ version: 'march', takenAt: '2026-03-01T11:00:00Z', offers })
  const router = openRouter({ catalog, ledger, clock: () => state.now.getTime() })
  const tokens = tokenDirectory(keyringDirectory(home.env), workspace.origin)
  const logged: string[] = []
  const app = await createServer({
    workspace,
    tokens: openTokens({ directory: tokens, clock, maxAgeMs: 0 }),
    router,
    metrics,
    limits: calm,
    log: { write: (line) => logged.push(line) },
    clock,
    ...options,
  })
  onTestFinished(() => app.close())
  let made = 0
  return {
    ...home,
    ...{ app, workspace, router, ledger, tokens, logged },
    get now() {
      return state.now
    },
    set now(at) {
      state.now = at
    },
    bearer(...allowed) {
      made += 1
      const { token } = createToken(tokens, {
        name: `t${made}`,
        scopes: allowed.length === 0 ? scopes : allowed,
        createdAt: state.now,
        expiresAt: new Date(state.now.getTime() + 3_600_000),
      })
      return { authorization: `Bearer ${token}` }
    },
  }
}
