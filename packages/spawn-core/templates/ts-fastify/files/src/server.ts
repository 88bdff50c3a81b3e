import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { buildApp } from './app.ts'
import type { Config } from './config.ts'
import { Readiness } from './health.ts'
import { createMetrics, createMetricsServer } from './metrics.ts'
import type { Service } from './service.ts'

export interface RunningServer {
  readonly log: FastifyBaseLogger
  /** Stops taking traffic and lets requests finish; false if the deadline cut some off. */
  drain(): Promise<boolean>
}

/** Opens both ports. Rejects if either cannot be bound. */
export async function startServer(config: Config, service: Service): Promise<RunningServer> {
  const { host, port, metricsPort, shutdownDelayMs, shutdownTimeoutMs } = config
  const readiness = new Readiness()
  const metrics = createMetrics(service)
  const app = buildApp({ config, service, readiness, metrics })
  const metricsServer = createMetricsServer(metrics.registry)

  // Register readiness checks of databases, queues and the like here, before the port opens:
  // readiness.register('database', async (signal) => { await database.ping({ signal }) })

  metricsServer.listen({ host, port: metricsPort })
  await once(metricsServer, 'listening')
  await app.listen({ host, port })
  app.log.info({ port: portOf(app.server), metrics_port: portOf(metricsServer) }, 'started')

  return {
    log: app.log,
    async drain() {
      readiness.drain()
      await sleep(shutdownDelayMs)
      const closed = app.close().then(() => true)
      const inTime = await Promise.race([closed, sleep(shutdownTimeoutMs, false)])
      if (!inTime) {
        app.log.error({ shutdownTimeoutMs }, 'requests cut off: they outlived the drain deadline')
      }
      // Last, so that the drain itself can still be scraped.
      metricsServer.close()
      metricsServer.closeAllConnections()
      return inTime
    },
  }
}

function portOf(server: Server): number | undefined {
  return (server.address() as AddressInfo | null)?.port
}
