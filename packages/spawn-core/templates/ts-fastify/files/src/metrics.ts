import { createServer, type Server } from 'node:http'
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Service } from './service.ts'

/** One finished request, as the metrics see it. */
export interface Observation {
  readonly method: string
  /** The route's pattern, never the path: one series per path would exhaust Prometheus. */
  readonly route: string
  readonly status: number
  readonly seconds: number
}

export interface Metrics {
  readonly registry: Registry
  observe(observation: Observation): void
}

/** Creates a registry of its own with process metrics, build info and the request histogram. */
export function createMetrics(service: Service): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })

  new Gauge({
    name: 'service_build_info',
    help: 'Always 1; the labels say which build is running.',
    labelNames: ['name', 'version'],
    registers: [registry],
  }).set({ name: service.name, version: service.version }, 1)

  const duration = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from the first byte of a request to the last byte of its answer.',
    labelNames: ['method', 'route', 'status_code'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })

  return {
    registry,
    observe({ method, route, status, seconds }) {
      duration.observe({ method, route, status_code: status }, seconds)
    },
  }
}

/** A server that answers `GET /metrics` and nothing else; it has a port that no ingress exposes. */
export function createMetricsServer(registry: Registry): Server {
  const server = createServer((request, response) => {
    // No request to this server has a body worth reading.
    request.resume()
    if (request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
      return
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  server.requestTimeout = 5_000
  server.headersTimeout = 5_000
  return server
}
