import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testApp } from './support.ts'

test('/healthz answers even when a dependency is down', async () => {
  const { app, readiness } = testApp()
  readiness.register('database', () => Promise.reject(new Error('refused')))
  const response = await app.inject('/healthz')
  assert.equal(response.statusCode, 200)
  assert.deepEqual(response.json(), { status: 'ok' })
})

test('/readyz is 200 when every check passes', async () => {
  const { app, readiness } = testApp()
  readiness.register('database', async () => {})
  const response = await app.inject('/readyz')
  assert.equal(response.statusCode, 200)
  assert.deepEqual(response.json(), { status: 'ready', checks: { database: 'ok' } })
})

test('/readyz is 503 when a check fails; the reason is logged and not shown', async () => {
  const { app, readiness, logs } = testApp()
  readiness.register('cache', async () => {})
  readiness.register('database', () => Promise.reject(new Error('db-7.internal refused')))
  const response = await app.inject('/readyz')
  assert.equal(response.statusCode, 503)
  assert.deepEqual(response.json(), {
    status: 'not ready',
    checks: { cache: 'ok', database: 'failed' },
  })
  assert.match(JSON.stringify(logs()), /db-7\.internal refused/)
})

test('a check that never answers counts as failed', async () => {
  const { app, readiness } = testApp()
  readiness.register('database', () => new Promise(() => {}))
  const response = await app.inject('/readyz')
  assert.equal(response.statusCode, 503)
  assert.deepEqual(response.json().checks, { database: 'failed' })
})

test('a draining instance is not ready, and asks clients to reconnect elsewhere', async () => {
  const { app, readiness } = testApp()
  readiness.drain()
  const response = await app.inject('/readyz')
  assert.equal(response.statusCode, 503)
  assert.equal(response.json().status, 'draining')
  assert.equal((await app.inject('/')).headers.connection, 'close')
})

test('a check name can be used once', () => {
  const { readiness } = testApp()
  readiness.register('database', async () => {})
  assert.throws(() => readiness.register('database', async () => {}), /registered twice/)
})
