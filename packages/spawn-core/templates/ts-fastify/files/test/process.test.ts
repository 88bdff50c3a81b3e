import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { afterEach, test } from 'node:test'
import { fileURLToPath } from 'node:url'

// These tests run the service as the platform does: a process, real ports, real signals.

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const flags = ['--experimental-strip-types', '--disable-warning=ExperimentalWarning']
const started = new Set<ChildProcess>()

afterEach(() => {
  for (const child of started) child.kill('SIGKILL')
  started.clear()
})

function run(env: Record<string, string>) {
  const child = spawn(process.execPath, [...flags, main], {
    env: { HOST: '127.0.0.1', PORT: '0', METRICS_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  started.add(child)
  const exit = once(child, 'exit').then(([code]) => code as number | null)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()

  /** Reads the log up to the line with this message. */
  const logged = async (message: string): Promise<Record<string, unknown>> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done) throw new Error(`the log ended before ${JSON.stringify(message)}`)
      const line: Record<string, unknown> = JSON.parse(value)
      if (line['msg'] === message) return line
    }
  }
  return { child, exit, logged }
}

/** Sends the head and the first byte of a JSON body, so that the request stays in flight. */
async function beginRequest(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port })
  await once(socket, 'connect')
  socket.write('POST /missing HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n')
  socket.write('Expect: 100-continue\r\nContent-Length: 2\r\n\r\n')
  // The server answers "100 Continue" once it has the request.
  await once(socket, 'data')
  return socket
}

/** Connects until nothing listens on the port any more. */
async function refused(port: number): Promise<void> {
  const tryOnce = () =>
    new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port })
      socket.on('error', () => resolve(true))
      socket.on('connect', () => {
        socket.destroy()
        resolve(false)
      })
    })
  while (!(await tryOnce()));
}

test('SIGTERM: requests in flight finish, new ones are refused, the exit code is 0', async () => {
  const { child, exit, logged } = run({})
  const port = Number((await logged('started'))['port'])
  const socket = await beginRequest(port)

  child.kill('SIGTERM')
  await refused(port)

  let answer = ''
  socket.on('data', (data) => {
    answer += data
  })
  socket.write('{}')
  await once(socket, 'end')
  assert.match(answer, /^HTTP\/1\.1 404 /)
  assert.match(answer, /^connection: close\r$/im)
  assert.equal(await exit, 0)
})

test('SIGTERM: /readyz turns 503 while requests are still served', async () => {
  const { child, logged } = run({ SHUTDOWN_DELAY_MS: '60000' })
  const { port, metrics_port } = await logged('started')
  const base = `http://127.0.0.1:${port}`
  assert.equal((await fetch(`${base}/readyz`)).status, 200)

  child.kill('SIGTERM')
  await logged('draining')
  assert.equal((await fetch(`${base}/readyz`)).status, 503)
  assert.equal((await fetch(`${base}/healthz`)).status, 200)
  assert.equal((await fetch(`${base}/`)).status, 200)
  assert.equal((await fetch(`http://127.0.0.1:${metrics_port}/metrics`)).status, 200)
})

test('a request that outlives the deadline is cut off and the exit code is 1', async () => {
  const { child, exit, logged } = run({ SHUTDOWN_TIMEOUT_MS: '100' })
  const socket = await beginRequest(Number((await logged('started'))['port']))
  child.kill('SIGTERM')
  assert.equal(await exit, 1)
  socket.destroy()
})

test('a second signal exits at once with code 1', async () => {
  const { child, exit, logged } = run({ SHUTDOWN_DELAY_MS: '60000' })
  await logged('started')
  child.kill('SIGTERM')
  await logged('draining')
  child.kill('SIGINT')
  assert.equal(await exit, 1)
})

test('a wrong setting stops the start with code 1 and a text that names it', async () => {
  const { child, exit } = run({ PORT: 'http' })
  let text = ''
  child.stderr.on('data', (data) => {
    text += data
  })
  assert.equal(await exit, 1)
  assert.match(text, /invalid configuration:\n {2}PORT must be a whole number/)
})

test('a port that is taken stops the start with code 1', async () => {
  const { logged } = run({})
  const { port } = await logged('started')
  const { child, exit } = run({ PORT: String(port) })
  let text = ''
  child.stderr.on('data', (data) => {
    text += data
  })
  assert.equal(await exit, 1)
  assert.match(text, /EADDRINUSE/)
})
