/** `vm log serve`: the published files, to this machine, until Ctrl-C. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it, vi } from 'vitest'
import { type Stage, stage } from './support/stage.ts'
import { vmCommand } from './support/vm-command.ts'

vi.setConfig({ testTimeout: 180_000 })

function vm({ work, env }: Stage, ...words: readonly string[]): void {
  const [program, ...command] = vmCommand()
  execFileSync(program, [...command, ...words], { cwd: work, env, input: 'one\ntwo\n' })
}

/** The status of an answer to a request that says it is for `host`. */
function askedFor(url: string, host: string): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>()
  request(`${url}checkpoint`, { headers: { host } }, (response) => {
    response.resume()
    resolve(response.statusCode)
  })
    .on('error', reject)
    .end()
  return promise
}

it('serves until Ctrl-C, and ends with 0', async () => {
  const place = stage()
  vm(place, 'log', 'init', 'audit', '--origin', 'example.com/audit', '--no-passphrase', '--quiet')
  vm(place, 'log', 'append', '-', '--lines', '--log', 'audit', '--quiet')
  const [program, ...command] = vmCommand()
  const words = ['log', 'serve', '--log', 'audit', '--port', '0', '--json']
  const child = spawn(program, [...command, ...words], { cwd: place.work, env: { ...place.env } })
  const closed = once(child, 'close')
  let stdout = ''
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
  })
  const lines = createInterface(child.stderr)
  const [line] = (await once(lines, 'line')) as [string]
  const url = /http:\/\/127\.0\.0\.1:[0-9]+\//.exec(line)?.[0] ?? ''
  for (const path of ['checkpoint', 'tile/0/000.p/2', 'tile/entries/000.p/2']) {
    const answer = await fetch(`${url}${path}`)
    expect(answer.status).toBe(200)
    const bytes = Buffer.from(await answer.arrayBuffer())
    expect(bytes).toEqual(readFileSync(join(place.work, 'audit', path)))
  }
  expect((await fetch(`${url}tile/0/001`)).status).toBe(404)
  // A page whose own name was made to point here (DNS rebinding) gets nothing.
  expect(await askedFor(url, 'evil.example')).toBe(421)
  expect(await askedFor(url, new URL(url).host)).toBe(200)
  child.kill('SIGINT')
  expect(await closed).toEqual([0, null])
  expect(JSON.parse(stdout)).toEqual({ origin: 'example.com/audit', url })
})

it.each([
  ['--host', '0.0.0.0', 'VM_NOT_ALLOWED', 7],
  ['--host', '::', 'VM_NOT_ALLOWED', 7],
  ['--host', 'example.com', 'VM_NOT_ALLOWED', 7],
  ['--port', '65536', 'VM_USAGE', 2],
])('refuses %s %s', (option, value, code, status) => {
  const place = stage()
  const [program, ...command] = vmCommand()
  const words = ['log', 'serve', option, value, '--log', 'nowhere', '--vkey', 'any']
  const { work, env } = place
  expect(() =>
    execFileSync(program, [...command, ...words], { cwd: work, env, stdio: 'pipe' }),
  ).toThrow(expect.objectContaining({ status, message: expect.stringContaining(code) }))
})
