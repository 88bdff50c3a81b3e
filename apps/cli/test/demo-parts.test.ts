/** The parts of the demo that work alone: its plan, its children, its site and its guard. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { sourceFlags, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it, vi } from 'vitest'
import { runChild, startChild } from '../src/demo/child.ts'
import { isolation } from '../src/demo/offline.ts'
import { plan } from '../src/demo/plan.ts'
import { whileOnSite } from '../src/demo/site.ts'
import { type StepId, stepIds } from '../src/demo/step-ids.ts'
import { steps } from '../src/demo/steps/index.ts'
import { vmCommand } from './support/vm-command.ts'

const never = new AbortController().signal
const env = process.env

/** Whether a process runs. One that ended and that nobody has asked for its exit code does not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    const state = `/proc/${pid}/stat`
    return !existsSync(state) || !readFileSync(state, 'utf8').includes(') Z ')
  } catch {
    return false
  }
}

describe('the plan', () => {
  const needs = (id: StepId): readonly StepId[] => steps[id].needs

  it('takes every step, each after all that it needs', () => {
    expect(plan(undefined, needs)).toEqual(stepIds.map((id) => ({ id, isShown: true })))
    for (const [at, id] of stepIds.entries()) {
      expect(stepIds.slice(0, at), id).toEqual(expect.arrayContaining([...needs(id)]))
    }
  })

  it('of one step does what that needs before it, without words', () => {
    expect(plan('tamper', needs)).toEqual([
      { id: 'init', isShown: false },
      { id: 'decide', isShown: false },
      { id: 'prove', isShown: false },
      { id: 'tamper', isShown: true },
    ])
  })
})

describe('a child process', () => {
  it('gives its exit code and what it printed', async () => {
    const words = ['-c', 'echo out; echo err >&2; exit 3']
    const talk: string[] = []
    const onTalk = (line: string): unknown => talk.push(line)
    expect(await runChild('/bin/sh', words, { cwd: '/', env, signal: never, onTalk })).toEqual({
      exitCode: 3,
      stdout: 'out\n',
      stderr: 'err\n',
    })
    expect(talk).toEqual(['err'])
  })

  it('that can not be started is a failure and not a crash', async () => {
    const running = runChild('/nowhere/program', [], { cwd: '/', env, signal: never })
    await expect(running).rejects.toMatchObject({ code: 'ENOENT' })
  })

  it('is not started once the signal has aborted', async () => {
    const signal = AbortSignal.abort(new Error('stop'))
    await expect(runChild('/bin/sh', [], { cwd: '/', env, signal })).rejects.toThrow('stop')
  })

  it('answers line by line, and is gone when it was stopped', async () => {
    const answers: string[] = []
    const script = 'echo $$; while read line; do echo "got $line"; done; sleep 600'
    const child = startChild('/bin/sh', ['-c', script], {
      cwd: '/',
      env,
      signal: never,
      onLine: (line) => answers.push(line),
    })
    child.write('one\ntwo\n')
    await vi.waitFor(() => expect(answers.slice(1)).toEqual(['got one', 'got two']), {
      timeout: 30_000,
    })
    child.endInput()
    await child.stop()
    expect(isAlive(Number(answers[0]))).toBe(false)
    expect(await child.ended).toMatchObject({ exitCode: 1 })
    // What nobody reads any more is no failure.
    child.write('three\n')
  })

  it('ends with everything that it started, when the signal aborts', async () => {
    const controller = new AbortController()
    const pids: number[] = []
    const running = runChild('/bin/sh', ['-c', 'sleep 600 & echo $! >&2; echo $$ >&2; wait'], {
      cwd: '/',
      env,
      signal: controller.signal,
      onTalk: (line) => {
        pids.push(Number(line))
        if (pids.length === 2) controller.abort(new Error('stop'))
      },
    })
    await expect(running).rejects.toThrow('stop')
    expect(pids).toHaveLength(2)
    // The signal is on its way; the kernel takes a moment to carry it out.
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]), { timeout: 30_000 })
  })
})

describe('a site', () => {
  it('serves its folders, and nothing beside them', async () => {
    const root = temporaryDirectory()
    const page = join(root, 'index.html')
    writeFileSync(page, '<p>here</p>')
    writeFileSync(join(root, '.secret'), 'a secret')
    const options = { folders: { page: root }, headers: { 'x-said': 'always' } }
    const site = await whileOnSite(options, async (url) => {
      const found = await fetch(new URL('page/?proof=x', url))
      expect(await found.text()).toBe('<p>here</p>')
      expect(found.headers.get('content-type')).toBe('text/html; charset=utf-8')
      expect(found.headers.get('x-said')).toBe('always')
      for (const path of [
        '',
        'page',
        'page/none',
        'page/.secret',
        'page/..%2fx',
        'constructor/x',
      ]) {
        expect((await fetch(new URL(path, url))).status, path).toBe(404)
      }
      return url
    })
    await expect(fetch(site)).rejects.toThrow('fetch failed')
  })

  it('is gone where the work fails', async () => {
    let site = ''
    const work = async (url: string): Promise<never> => {
      site = url
      throw new Error('the work failed')
    }
    await expect(whileOnSite({ folders: {}, headers: {} }, work)).rejects.toThrow('the work failed')
    await expect(fetch(site)).rejects.toThrow('fetch failed')
  })
})

describe('the guard', () => {
  const [node, ...rest] = vmCommand()
  const path = join(dirname(rest.at(-1) ?? ''), 'guard.js')

  function runGuarded(code: string): Promise<string> {
    const words = [...rest.slice(0, -1), '--import', path, '--input-type=module', '-e', code]
    return new Promise((resolve) => {
      execFile(node, words, (_, stdout) => resolve(stdout))
    })
  }

  it.each([
    ['a TCP connection', `(await import('node:net')).connect(1, '127.0.0.1')`],
    ['a TLS connection', `(await import('node:tls')).connect(1, '127.0.0.1')`],
    ['a server', `(await import('node:net')).createServer().listen(0)`],
    ['a lookup', `(await import('node:dns')).lookup('localhost', () => undefined)`],
    ['a promised lookup', `await (await import('node:dns/promises')).lookup('localhost')`],
    ['a named import', `import { resolve4 } from 'node:dns'; resolve4('localhost', () => 0)`],
    ['a datagram', `(await import('node:dgram')).createSocket('udp4').bind(0)`],
    ['a child process', `(await import('node:child_process')).spawn('true')`],
  ])('refuses %s', async (_, code) => {
    const [imports = '', body = code] = /^(import .*?; )(.*)$/.exec(code)?.slice(1) ?? ['', code]
    const caught = `${imports}try { ${body}; console.log('open') } catch (e) { console.log(e.message) }`
    expect(await runGuarded(caught)).toBe('the network is not allowed here\n')
  })

  it('refuses fetch', async () => {
    const code = `fetch('http://127.0.0.1:9999/').catch((e) => console.log(e.cause?.message ?? e.message))`
    expect(await runGuarded(code)).toBe('the network is not allowed here\n')
  })
})

describe('isolation', () => {
  const code = `fetch('http://127.0.0.1:9999/').catch((e) => console.log((e.cause ?? e).message))`

  it('is the guard where there is no network namespace, and says so', async () => {
    const { wrapper, nodeParameters, words } = await isolation({
      cwd: '/',
      env: { PATH: '' },
      signal: never,
    })
    expect(wrapper).toEqual([])
    expect(words).toContain('guard')
    const ended = await runChild(
      process.execPath,
      [...sourceFlags(), ...nodeParameters, '-e', code],
      {
        cwd: '/',
        env: {},
        signal: never,
      },
    )
    expect(ended.stdout).toBe('the network is not allowed here\n')
  })

  it('lets nothing through, whichever it is', async () => {
    const { wrapper, nodeParameters } = await isolation({ cwd: '/', env, signal: never })
    const node = [process.execPath, ...sourceFlags(), ...nodeParameters]
    const [file = '', ...words] = [...wrapper, ...node, '-e', code]
    const ended = await runChild(file, words, { cwd: '/', env: {}, signal: never })
    expect(ended.stdout).toMatch(/^(the network is not allowed here|connect ENETUNREACH.*)\n$/)
  })
})
