import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { traceId } from '../src/logging.ts'
import { testApp } from './support.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const parent = '00f067aa0ba902b7'

function traceOf(header: string): string | undefined {
  const request = new IncomingMessage(new Socket())
  request.headers['traceparent'] = header
  return traceId(request)
}

test('a request is one line with its ids, route and outcome, without the query string', async () => {
  const { app, logs } = testApp()
  await app.inject({
    url: '/?token=hunter2',
    headers: { 'x-request-id': 'abc-1', traceparent: `00-${trace}-${parent}-01` },
  })
  const lines = logs()
  assert.equal(lines.length, 1)
  const [line] = lines
  assert.equal(line?.['level'], 'info')
  assert.equal(line?.['request_id'], 'abc-1')
  assert.equal(line?.['trace_id'], trace)
  assert.equal(line?.['route'], '/')
  assert.equal(line?.['path'], '/')
  assert.equal(line?.['status'], 200)
  assert.doesNotMatch(JSON.stringify(line), /hunter2/)
})

test('probes leave no line', async () => {
  const { app, logs } = testApp()
  await app.inject('/healthz')
  await app.inject('/readyz')
  assert.deepEqual(logs(), [])
})

test('a request id that is long or odd is replaced', async () => {
  const { app } = testApp()
  for (const id of ['x'.repeat(65), 'a b', '{"a":1}']) {
    const response = await app.inject({ url: '/', headers: { 'x-request-id': id } })
    assert.match(String(response.headers['x-request-id']), /^[0-9a-f-]{36}$/)
  }
})

test('secrets are removed wherever they are usually logged', () => {
  const { app, logs } = testApp()
  const headers = { authorization: 'Bearer hunter2', cookie: 'hunter2' }
  app.log.info({ password: 'hunter2', user: { token: 'hunter2' }, upstream: { headers } }, 'x')
  assert.doesNotMatch(JSON.stringify(logs()), /hunter2/)
  assert.match(JSON.stringify(logs()), /\[redacted\]/)
})

test('a valid traceparent gives its trace id', () => {
  assert.equal(traceOf(`00-${trace}-${parent}-00`), trace)
  assert.equal(traceOf(`01-${trace}-${parent}-01-more`), trace, 'later versions may append')
})

test('an invalid traceparent gives none', () => {
  const invalid = [
    '',
    trace,
    `00-${trace}-${parent}`,
    `00-${trace}-${parent}-01-more`,
    `ff-${trace}-${parent}-01`,
    `00-${'0'.repeat(32)}-${parent}-01`,
    `00-${trace}-${'0'.repeat(16)}-01`,
    `00-${trace.toUpperCase()}-${parent}-01`,
    `01-${trace}-${parent}-01-${'x'.repeat(300)}`,
  ]
  for (const header of invalid) assert.equal(traceOf(header), undefined, header)
})
