import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import { createMetricsServer } from '../src/metrics.ts'
import { testApp } from './support.ts'

const { app, metrics } = testApp()
const server = createMetricsServer(metrics.registry)
let base = ''

before(async () => {
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

after(() => {
  server.close()
  server.closeAllConnections()
})

async function scrape(): Promise<string> {
  const response = await fetch(`${base}/metrics`)
  assert.equal(response.status, 200)
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
  return response.text()
}

function routes(text: string): Set<string> {
  const found = text.matchAll(/^http_request_duration_seconds_count\{.*route="([^"]*)"/gm)
  return new Set(Array.from(found, ([, route]) => route ?? ''))
}

test('the scrape has process metrics and the build', async () => {
  const text = await scrape()
  assert.match(text, /^process_cpu_seconds_total /m)
  assert.match(text, /^service_build_info\{name="[^"]+",version="[^"]+"\} 1$/m)
})

test('requests are counted by the pattern of their route, whatever path they ask for', async () => {
  app.get('/items/:id', async () => ({}))
  for (const id of ['1', '2', '3']) {
    await app.inject(`/items/${id}`)
    await app.inject(`/no-such-path-${id}`)
  }
  await app.inject('/healthz')
  await app.inject('/readyz')
  const text = await scrape()
  assert.deepEqual(routes(text), new Set(['/items/:id', 'unmatched']))
  assert.match(
    text,
    /^http_request_duration_seconds_count\{.*method="GET",route="\/items\/:id",status_code="200"\} 3$/m,
  )
  assert.match(text, /_count\{.*route="unmatched",status_code="404"\} 3$/m)
})

test('the port serves /metrics only', async () => {
  assert.equal((await fetch(`${base}/`)).status, 404)
  assert.equal((await fetch(`${base}/metrics`, { method: 'POST' })).status, 405)
})

test('the API does not serve /metrics', async () => {
  assert.equal((await app.inject('/metrics')).statusCode, 404)
})
