import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseEnv } from 'node:util'
import { ConfigError, loadConfig } from '../src/config.ts'

test('an empty environment gives a configuration that listens on loopback only', () => {
  const config = loadConfig({})
  assert.equal(config.host, '127.0.0.1')
  assert.equal(config.port, 8080)
  assert.equal(config.metricsPort, 9464)
})

test('an empty variable counts as not set', () => {
  assert.deepEqual(loadConfig({ PORT: '', LOG_LEVEL: '' }), loadConfig({}))
})

test('values are taken from the environment', () => {
  const config = loadConfig({ HOST: '::1', PORT: '3000', METRICS_PORT: '3001', LOG_LEVEL: 'debug' })
  assert.equal(config.host, '::1')
  assert.equal(config.port, 3000)
  assert.equal(config.metricsPort, 3001)
  assert.equal(config.logLevel, 'debug')
})

test('all wrong values are named at once, and none is repeated', () => {
  const load = () => loadConfig({ PORT: 'hunter2', METRICS_PORT: '65536', LOG_LEVEL: 'loud' })
  assert.throws(load, (error: unknown) => {
    assert.ok(error instanceof ConfigError)
    assert.equal(error.problems.length, 3)
    assert.match(error.message, /PORT must be a whole number from 0 to 65535/)
    assert.match(error.message, /LOG_LEVEL must be one of fatal, error/)
    assert.doesNotMatch(error.message, /hunter2|loud/)
    return true
  })
})

for (const text of ['-1', '1.5', '0x50', '8080 ', '1e3', 'NaN', '99999999999']) {
  test(`PORT=${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => loadConfig({ PORT: text }), /PORT must be a whole number/)
  })
}

test('the API and the metrics cannot share a port', () => {
  assert.throws(() => loadConfig({ PORT: '9464' }), /METRICS_PORT must differ from PORT/)
})

test('.env.example lists the defaults', () => {
  const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8')
  const documented = parseEnv(example)
  assert.deepEqual(loadConfig(documented), loadConfig({}))
  assert.equal(Object.keys(documented).length, Object.keys(loadConfig({})).length)
})
