import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readService } from '../src/service.ts'
import { testApp } from './support.ts'

const itemSchema = {
  body: {
    type: 'object',
    additionalProperties: false,
    required: ['count'],
    properties: { count: { type: 'integer', minimum: 1 } },
  },
}

test('GET / names the service and its version', async () => {
  const response = await testApp().app.inject('/')
  assert.equal(response.statusCode, 200)
  assert.deepEqual(response.json(), readService())
})

test('every answer carries the security headers and a request id', async () => {
  const { app } = testApp()
  for (const url of ['/', '/healthz', '/missing']) {
    const { headers } = await app.inject(url)
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['cache-control'], 'no-store')
    assert.match(String(headers['content-security-policy']), /default-src 'none'/)
    assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/)
  }
})

test('an unknown route is a 404 problem', async () => {
  const response = await testApp().app.inject('/missing')
  assert.equal(response.statusCode, 404)
  assert.equal(response.headers['content-type'], 'application/problem+json')
  assert.equal(response.json().title, 'Not Found')
  assert.equal(response.json().requestId, response.headers['x-request-id'])
})

test('input that a schema refuses is a 400 problem that names the place', async () => {
  const { app } = testApp()
  app.post('/items', { schema: itemSchema }, async () => ({}))
  const wrong = await app.inject({ method: 'POST', url: '/items', payload: { count: 0 } })
  assert.equal(wrong.statusCode, 400)
  assert.equal(wrong.headers['content-type'], 'application/problem+json')
  assert.deepEqual(wrong.json().errors, [{ in: 'body', path: '/count', message: 'must be >= 1' }])

  const unknown = await app.inject({ method: 'POST', url: '/items', payload: { count: 1, x: 1 } })
  assert.equal(unknown.statusCode, 400, 'unknown members are refused, not dropped')
})

test('malformed and oversized bodies, and malformed paths, are 4xx problems', async () => {
  const { app } = testApp({ bodyLimit: 16 })
  app.post('/items', async () => ({}))
  const headers = { 'content-type': 'application/json' }
  const statuses = [
    await app.inject({ method: 'POST', url: '/items', headers, payload: '{' }),
    await app.inject({ method: 'POST', url: '/items', headers, payload: `"${'x'.repeat(16)}"` }),
    await app.inject('/%zz'),
  ].map((response) => [response.statusCode, response.headers['content-type']])
  assert.deepEqual(
    statuses,
    [400, 413, 400].map((status) => [status, 'application/problem+json']),
  )
})

test('a fault of our own is a 500 that says nothing about it, and is logged', async () => {
  const { app, logs } = testApp()
  app.get('/broken', async () => {
    throw new Error('password of db-7 is wrong')
  })
  const response = await app.inject('/broken')
  assert.equal(response.statusCode, 500)
  assert.equal(response.headers['content-type'], 'application/problem+json')
  assert.doesNotMatch(response.body, /db-7/)
  const logged = logs().find((line) => line['level'] === 'error')
  assert.match(JSON.stringify(logged), /db-7/)
})

test('a handler that is too slow is answered with 503 and told to stop', async () => {
  const { app } = testApp({ requestTimeoutMs: 20 })
  let stopped = false
  app.get('/slow', (request) => {
    request.signal.addEventListener('abort', () => {
      stopped = true
    })
    return new Promise(() => {})
  })
  const response = await app.inject('/slow')
  assert.equal(response.statusCode, 503)
  assert.equal(stopped, true)
})
