/** What the server counts, for Prometheus. In a registry of its own: others of the process are apart. */
import type { LogObserver, StepDone } from '@vaultmesh/tlog'
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { processMetrics } from './process.ts'

/** What is counted. Make one with {@link createMetrics}. */
export interface ServerMetrics {
  readonly registry: Registry
  /** To be given to `openWorkspace`, so that the log's work is counted. */
  readonly observer: LogObserver
  /** A request was answered. */
  answered(method: string, route: string, status: number, seconds: number): void
  /** A decision of the router. */
  routed(outcome: 'leased' | 'refused' | 'repeated'): void
}

const latencies = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

type Step = 'sequenced' | 'integrated' | 'published'

function logObserver(registry: Registry): LogObserver {
  const entries = new Counter({
    name: 'vaultmesh_log_entries_total',
    help: 'Entries that went through a step of the log.',
    labelNames: ['step'],
    registers: [registry],
  })
  const duration = new Histogram({
    name: 'vaultmesh_log_step_seconds',
    help: 'How long a step of the log took.',
    labelNames: ['step'],
    buckets: latencies,
    registers: [registry],
  })
  const size = new Gauge({
    name: 'vaultmesh_log_size',
    help: 'Entries of the log after its last step.',
    labelNames: ['step'],
    registers: [registry],
  })
  const note =
    (step: Step) =>
    (done: StepDone): void => {
      entries.inc({ step }, done.count)
      duration.observe({ step }, done.durationMs / 1000)
      size.set({ step }, Number(done.size))
    }
  return {
    sequenced: note('sequenced'),
    integrated: note('integrated'),
    published: note('published'),
  }
}

/** Makes what is counted of one server. */
export function createMetrics(): ServerMetrics {
  const registry = new Registry()
  processMetrics(registry)
  const requests = new Counter({
    name: 'vaultmesh_http_requests_total',
    help: 'Requests that were answered.',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  })
  const durations = new Histogram({
    name: 'vaultmesh_http_request_seconds',
    help: 'From the headers of a request to the end of its answer.',
    labelNames: ['method', 'route'],
    buckets: latencies,
    registers: [registry],
  })
  const routings = new Counter({
    name: 'vaultmesh_routings_total',
    help: 'Decisions of the router, by what came of them.',
    labelNames: ['outcome'],
    registers: [registry],
  })
  // Looking a series up by its labels takes longer than counting.
  const series = new Map<
    string,
    { readonly count: () => void; readonly time: (s: number) => void }
  >()
  return {
    registry,
    observer: logObserver(registry),
    answered(method, route, status, seconds) {
      const key = `${status} ${method} ${route}`
      let found = series.get(key)
      if (found === undefined) {
        const counter = requests.labels(method, route, String(status))
        const histogram = durations.labels(method, route)
        found = { count: () => counter.inc(), time: (s) => histogram.observe(s) }
        series.set(key, found)
      }
      found.count()
      found.time(seconds)
    },
    routed: (outcome) => routings.inc({ outcome }),
  }
}
