import type { FastifyInstance } from 'fastify'
import { buildApp } from '../src/app.ts'
import { type Config, loadConfig } from '../src/config.ts'
import { Readiness } from '../src/health.ts'
import { createMetrics, type Metrics } from '../src/metrics.ts'
import { readService } from '../src/service.ts'

export interface TestApp {
  readonly app: FastifyInstance
  readonly readiness: Readiness
  readonly metrics: Metrics
  /** Every line logged so far, parsed. */
  logs(): Record<string, unknown>[]
}

/** An app that does not listen, with its logs kept in memory. */
export function testApp(overrides: Partial<Config> = {}): TestApp {
  const lines: string[] = []
  const service = readService()
  const readiness = new Readiness(50)
  const metrics = createMetrics(service)
  const app = buildApp({
    config: { ...loadConfig({}), ...overrides },
    service,
    readiness,
    metrics,
    logStream: { write: (line) => void lines.push(line) },
  })
  return { app, readiness, metrics, logs: () => lines.map((line) => JSON.parse(line)) }
}
