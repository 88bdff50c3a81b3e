import { Agent, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { gitEnvironment } from '../src/environment.ts'
import { git, gitOutput } from '../src/git.ts'
import { show } from '../src/names.ts'
import { freePorts, get } from '../src/verify/http.ts'
import { countSamples } from '../src/verify/prometheus.ts'
import { few } from '../src/verify/report.ts'
import { OutputTail } from '../src/verify/tail.ts'
import { gitEnvironment as environment } from './support.ts'

describe('a scrape', () => {
  it.each([
    ['up 1', 1],
    [
      '# HELP up x\n# TYPE up gauge\nup{a="b",c="d\\"\\n\\\\",} 1.5e-3 1700000000000\n\nup NaN\nup +Inf',
      3,
    ],
    ['up{} .5\r\n', 1],
    ['a:b_c -1', 1],
  ])('%j has samples', (body, samples) => {
    expect(countSamples(body)).toEqual({ samples })
  })

  it.each([
    '',
    '# only comments\n',
    '<html></html>',
    'up',
    'up one',
    '1up 1',
    'up{a=b} 1',
    'up{a="b} 1',
    '{"up":1}',
  ])('%j has none', (body) => {
    expect(countSamples(body)).toHaveProperty('problem')
  })
})

describe('the tail of an output', () => {
  it('is bounded, and is its end', () => {
    const tail = new OutputTail()
    for (let index = 0; index < 5000; index += 1) tail.push(Buffer.from(`${'x'.repeat(99)}\n`))
    tail.push(Buffer.from('last\n'))
    expect(tail.text(2)).toBe(`${'x'.repeat(99)}\nlast`)
    expect(tail.text(100_000).length).toBeLessThan(80 * 1024)
  })
})

describe('asking a service', () => {
  async function answering(body: string | Buffer): Promise<{ port: number; close: () => void }> {
    const server = createServer((_request, response) => response.end(body))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return { port: (server.address() as AddressInfo).port, close: () => server.close() }
  }

  it('refuses an answer above 4 MiB', async () => {
    const { port, close } = await answering(Buffer.alloc(5 * 1024 * 1024))
    await expect(get(port, '/', new Agent())).rejects.toThrow()
    close()
  })

  it('finds different ports', async () => {
    const ports = await freePorts(5)
    expect(new Set(ports).size).toBe(5)
    for (const port of ports) expect(port).toBeGreaterThan(0)
  })
})

describe('text from outside', () => {
  it('is shown quoted, in one line, and cut', () => {
    expect(show('a"b\n\u202e\ud800')).toBe('"a\\"b\\n\\u202e\\ud800"')
    expect(show('x'.repeat(100))).toBe(`"${'x'.repeat(80)}…"`)
    expect(few(Array.from({ length: 12 }, (_, index) => `f${index}`))).toMatch(/f9 and 2 more$/)
  })
})

describe('git', () => {
  it('gets no variable that leads it to another repository', () => {
    const given = {
      GIT_DIR: 'x',
      GIT_INDEX_FILE: 'x',
      GIT_SSH_COMMAND: 'x',
      GIT_PAGER: 'x',
      GIT_AUTHOR_NAME: 'A',
      PATH: '/bin',
      TOKEN: 'x',
    }
    expect(gitEnvironment(given)).toEqual({
      GIT_AUTHOR_NAME: 'A',
      GIT_TERMINAL_PROMPT: '0',
      LC_ALL: 'C',
      PATH: '/bin',
    })
  })

  it('says which command failed, and how', async () => {
    const options = { cwd: '/', env: environment() }
    await expect(gitOutput(['no-such-command'], options)).rejects.toMatchObject({
      code: 'GIT_FAILED',
      message: expect.stringContaining('git no-such-command ended with 1'),
    })
  })

  it('that can not be started fails', async () => {
    const env = { ...environment(), PATH: '/dev/null' }
    await expect(git(['version'], { cwd: '/', env })).rejects.toMatchObject({ code: 'GIT_MISSING' })
  })
})
