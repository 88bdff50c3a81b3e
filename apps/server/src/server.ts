/** The server: made here, and put to an address by whoever calls this. */
import swagger from '@fastify/swagger'
import type { FastifyInstance } from 'fastify'
import { Gauge } from 'prom-client'
import type { ServerContext } from './context.ts'
import { createEngine } from './http/engine.ts'
import { addAuthorisation, addHooks } from './http/hooks.ts'
import { addPressure } from './http/pressure.ts'
import { createMetrics } from './metrics/metrics.ts'
import { openapi } from './openapi.ts'
import { type ServerOptions, settingsOf } from './options.ts'
import { addFederationStatus } from './routes/federation.ts'
import { addLeases } from './routes/leases.ts'
import { addMcp } from './routes/mcp.ts'
import { addMemories } from './routes/memories.ts'
import { addOperate } from './routes/operate.ts'
import { addFederation, addLog, addPage } from './routes/public.ts'
import { addRoute } from './routes/route.ts'
import { addVerify } from './routes/verify.ts'
import { addSchemas } from './schemas/common.ts'

const draining = new WeakSet<FastifyInstance>()

/** How often idle connections are looked for while the server ends. */
const sweepMs = 50

function contextOf(app: FastifyInstance, options: ServerOptions): ServerContext {
  const { workspace, router, federation, metrics = createMetrics(), readOnly = false } = options
  return {
    workspace,
    router,
    federation,
    metrics,
    readOnly,
    clock: options.clock ?? (() => new Date()),
    isDraining: () => draining.has(app),
  }
}

function countLeases({ router, metrics }: ServerContext): void {
  if (router === undefined) return
  const gauge = new Gauge({
    name: 'vaultmesh_leases',
    help: 'Leases of the ledger, by their state.',
    labelNames: ['state'],
    registers: [metrics.registry],
    collect() {
      for (const [state, count] of Object.entries(router.counts())) gauge.set({ state }, count)
    },
  })
}

/**
 * Makes a server. It listens nowhere yet and reads no environment; `listen` and `inject` are
 * Fastify's own. End it with {@link drain}.
 *
 * @throws ServerError OPTIONS_INVALID; what the workspace throws where it can't be read.
 */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const settings = settingsOf(options)
  const app = createEngine(settings, options.log)
  const context = contextOf(app, options)
  const { workspace, router, federation } = context
  addSchemas(app)
  addHooks(app, context, settings, options)
  await addPressure(app, settings.limits)
  addAuthorisation(app, settings)
  await app.register(swagger, openapi(settings.publicUrl))
  addMemories(app, context, settings.limits)
  await addVerify(app, context)
  if (router !== undefined) {
    addRoute(app, context, router)
    addLeases(app, router)
    countLeases(context)
  }
  await addLog(app, workspace)
  if (federation !== undefined) {
    await addFederation(app, federation)
    addFederationStatus(app, federation)
  }
  if (options.mcp !== undefined) await addMcp(app, context, options.mcp)
  if (options.page !== undefined) await addPage(app, options.page)
  addOperate(app, context)
  await app.ready()
  return app
}

/**
 * Ends a server: refuses what comes from now on, lets what is under way come to its end, and cuts
 * it off after `graceMs` milliseconds.
 */
export async function drain(app: FastifyInstance, graceMs: number): Promise<void> {
  draining.add(app)
  const timer = setTimeout(() => app.server.closeAllConnections(), graceMs)
  // A connection whose last answer is out would stay open for its next request.
  const sweep = setInterval(() => app.server.closeIdleConnections(), sweepMs)
  try {
    await app.close()
  } finally {
    clearTimeout(timer)
    clearInterval(sweep)
  }
}
