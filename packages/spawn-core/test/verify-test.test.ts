import { existsSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  type Command,
  commit,
  type RunSpecification,
  type VerifyDeadlines,
  type VerifyOptions,
  type VerifyReport,
  verify,
} from '@vaultmesh/spawn-core'
import { describeWith, temporaryDirectory } from '@vaultmesh/testing'
import { expect, it, vi } from 'vitest'
import { git, gitEnvironment, makeKey, renderTiny, spawnErrorOf } from './support.ts'

const { signer, verifier } = makeKey()
const rendered = renderTiny()
const tinyRun = rendered.verify.run
if (tinyRun === undefined) throw new Error('the tiny service is started')

interface Variant {
  readonly test?: readonly Command[]
  readonly run?: Partial<RunSpecification>
  /** The service's only file. */
  readonly server?: string
}

/** A new service with other commands, or another program. */
async function service({ test, run, server }: Variant = {}): Promise<string> {
  const directory = join(temporaryDirectory(), 'tiny-service')
  const files = new Map(rendered.files)
  if (server !== undefined) {
    files.set('server.mjs', { bytes: Buffer.from(server), mode: '644', policy: 'managed' })
  }
  const verification = {
    test: test ?? rendered.verify.test,
    ...(test === undefined || run !== undefined ? { run: { ...tinyRun, ...run } } : {}),
  } as typeof rendered.verify
  await commit({
    rendered: { ...rendered, files, verify: verification },
    directory,
    signer,
    env: gitEnvironment(),
  })
  return directory
}

function verifyTest(
  directory: string,
  options: Partial<VerifyOptions> = {},
): Promise<VerifyReport> {
  return verify({
    directory,
    tier: 'test',
    keys: [verifier],
    env: { ...gitEnvironment(), HOME: process.env['HOME'] },
    ...options,
  })
}

function stepOf(report: VerifyReport, id: string): { status: string; detail: string } {
  const step = report.steps.find((candidate) => candidate.id === id)
  if (step === undefined) throw new Error(`there is no step ${id}`)
  return step
}

function notPassed(report: VerifyReport): string[] {
  return report.steps
    .filter(({ status }) => status !== 'pass')
    .map(({ id, status }) => `${id} ${status}`)
}

/** A command that runs a script; the lines of the script become one. */
const node = (script: string): Command => ['node', '-e', script.replaceAll(/\s*\n\s*/g, '; ')]

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // A zombie waits for its parent; it runs no more.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

/** A process that was sent its last signal ends soon; the kernel takes a moment. */
async function expectDead(pid: number): Promise<void> {
  await vi.waitFor(() => expect(isAlive(pid)).toBe(false), { timeout: 30_000 })
}

describeWith(['git'], 'the test tier', () => {
  it('runs the commands, starts the service, asks it, and lets it drain', async () => {
    const directory = await service()
    const report = await verifyTest(directory)
    expect(notPassed(report)).toEqual([])
    expect(report.ok).toBe(true)
    expect(report.steps.map(({ id }) => id).slice(5)).toEqual([
      'command.1',
      'command.2',
      'service.start',
      'service.ready',
      'service.metrics',
      'service.drain',
      'tree.clean',
    ])
    expect(stepOf(report, 'command.1').detail).toBe('node --check server.mjs')
    expect(stepOf(report, 'service.metrics').detail).toBe('GET /metrics gave 1 samples')
    expect(stepOf(report, 'service.drain').detail).toMatch(/exit code 0$/)
    expect(existsSync(join(directory, 'dist/built.txt'))).toBe(true)
    expect(git(directory, 'status', '--porcelain')).toBe('')
  })

  it('does without a service where the template starts none', async () => {
    const report = await verifyTest(await service({ test: [node('0')] }))
    expect(report.steps.map(({ id }) => id).slice(5)).toEqual(['command.1', 'tree.clean'])
    expect(report.ok).toBe(true)
  })

  it('stops at the first command that fails, and shows the end of its output', async () => {
    const noisy = `for (let i = 0; i < 100000; i++) { console.log('line ' + i) }
      console.error('\\u001b[31mred\\u001b[0m \\u0007bell \\u202e'); process.exitCode = 3`
    const report = await verifyTest(
      await service({ test: [node(noisy), ['no-such-program']], run: {} }),
    )
    expect(report.ok).toBe(false)
    expect(notPassed(report)).toEqual([
      'command.1 fail',
      'command.2 skipped',
      'service.start skipped',
      'service.ready skipped',
      'service.metrics skipped',
      'service.drain skipped',
    ])
    const { detail } = stepOf(report, 'command.1')
    expect(detail).toContain('ended with exit code 3')
    expect(detail).toContain('line 99999')
    expect(detail).toContain('red bell')
    expect(detail).not.toContain('line 9000\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must be gone
    expect(detail).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  })

  it('says when a program is not there', async () => {
    const report = await verifyTest(await service({ test: [['no-such-program', 'x']] }))
    expect(stepOf(report, 'command.1')).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('no-such-program x is not on the PATH'),
    })
  })

  it('gives commands no secrets and no shell', async () => {
    const script = `
      const { env, argv } = process
      require('fs').writeFileSync('dist/env.json', JSON.stringify({ names: Object.keys(env), argv }))`
    const directory = await service({
      test: [node("require('fs').mkdirSync('dist')"), [...node(script), '--', '$HOME; id', '*']],
    })
    const env = {
      ...gitEnvironment(),
      HOME: '/home/x',
      AWS_SECRET_ACCESS_KEY: 's',
      GITHUB_TOKEN: 's',
      NODE_OPTIONS: '--require=/nonexistent.cjs',
      NODE_AUTH_TOKEN: 's',
      'npm_config_//registry.npmjs.org/:_authToken': 's',
      npm_config__auth: 's',
      npm_config_registry: 'https://registry.example.com',
      https_proxy: 'http://proxy.example.com',
      NODE_EXTRA_CA_CERTS: '/nonexistent.pem',
      LANG: 'C.UTF-8',
      SSH_AUTH_SOCK: '/x',
      VM_PASSPHRASE: 's',
    }
    const report = await verifyTest(directory, { env })
    expect(notPassed(report)).toEqual([])
    const { names, argv } = JSON.parse(readFileSync(join(directory, 'dist/env.json'), 'utf8'))
    expect(names.sort()).toEqual(
      ['HOME', 'LANG', 'NODE_EXTRA_CA_CERTS', 'PATH', 'https_proxy', 'npm_config_registry'].sort(),
    )
    expect(argv.slice(1)).toEqual(['$HOME; id', '*'])
  })

  it.each([
    ['adds a file', "require('fs').writeFileSync('left.txt', '')", 'left.txt'],
    ['changes a file', "require('fs').appendFileSync('server.mjs', '// x')", 'server.mjs'],
    ['removes a file', "require('fs').rmSync('README.md')", 'README.md'],
  ])('fails when a command %s that git would see', async (_, script, path) => {
    const report = await verifyTest(await service({ test: [node(script)] }))
    expect(stepOf(report, 'tree.clean')).toMatchObject({
      status: 'fail',
      detail: `the commands changed: ${path}`,
    })
    expect(report.ok).toBe(false)
  })
})

describeWith(['git'], 'whom the test tier believes', () => {
  const marker = node("require('fs').writeFileSync('ran', '')")

  it('refuses to run what no trusted key signed', async () => {
    const directory = await service({ test: [marker] })
    for (const keys of [
      [],
      [makeKey().verifier],
      [{ ...makeKey().verifier, keyid: verifier.keyid }],
    ]) {
      const error = await spawnErrorOf(() => verifyTest(directory, { keys }), 'UNTRUSTED_MANIFEST')
      expect(error.message).toContain('Read the repository')
    }
    expect(existsSync(join(directory, 'ran'))).toBe(false)
  })

  it('runs it when a person says so', async () => {
    const directory = await service({ test: [marker] })
    const report = await verifyTest(directory, { keys: [], trust: true })
    expect(existsSync(join(directory, 'ran'))).toBe(true)
    expect(stepOf(report, 'command.1').status).toBe('pass')
  })

  it('does not run a signed repository whose managed files were changed', async () => {
    const directory = await service({ test: [marker] })
    writeFileSync(join(directory, 'package.json'), '{"scripts":{}}')
    const report = await verifyTest(directory)
    expect(report.ok).toBe(false)
    expect(stepOf(report, 'command.1').status).toBe('skipped')
    expect(existsSync(join(directory, 'ran'))).toBe(false)
  })

  it.each([
    ['changed', (at: string) => writeFileSync(join(at, 'src/main.ts'), 'steal()')],
    ['removed', (at: string) => rmSync(join(at, 'src/main.ts'))],
    ['added', (at: string) => writeFileSync(join(at, 'vitest.config.ts'), 'steal()')],
  ])('does not run signed commands over code that was %s since', async (_, change) => {
    const directory = await service({ test: [marker] })
    change(directory)
    const error = await spawnErrorOf(() => verifyTest(directory), 'UNTRUSTED_MANIFEST')
    expect(error.message).toMatch(/src\/main\.ts|vitest\.config\.ts/)
    expect(existsSync(join(directory, 'ran'))).toBe(false)
    const report = await verifyTest(directory, { trust: true })
    expect(report.ok).toBe(false)
    expect(notPassed(report)).toContain('tree.clean fail')
  })
})

describeWith(['git'], 'processes', () => {
  // Starts a child of its own, which ignores SIGTERM, and waits for ever.
  const stubborn = (file: string): string => {
    const child = `process.on('SIGTERM', () => {})
      require('fs').writeFileSync(${JSON.stringify(file)}, String(process.pid))
      setInterval(() => {}, 1000)`
    return `require('child_process').spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { stdio: 'inherit' })
      process.on('SIGTERM', () => {})
      setInterval(() => {}, 1000)`
  }

  /** The process id that a program writes to a file, as soon as it has. */
  function pidFrom(file: string): Promise<number> {
    return new Promise((resolve) => {
      const look = (): void => {
        const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
        if (text === '') return
        watcher.close()
        resolve(Number(text))
      }
      const watcher = watch(dirname(file), look)
      look()
    })
  }

  it('are ended with their children when the signal aborts', async () => {
    const file = join(temporaryDirectory(), 'pid')
    const directory = await service({ test: [node(stubborn(file))] })
    const controller = new AbortController()
    const run = spawnErrorOf(() => verifyTest(directory, { signal: controller.signal }), 'ABORTED')
    const pid = await pidFrom(file)
    controller.abort()
    await run
    await expectDead(pid)
  })

  it('are ended with their children at the deadline', async () => {
    const file = join(temporaryDirectory(), 'pid')
    const directory = await service({ test: [node(stubborn(file))] })
    const report = await verifyTest(directory, { deadlines: { commandMs: 1500 } })
    expect(stepOf(report, 'command.1').detail).toContain('did not end within 1500 ms')
    if (existsSync(file)) await expectDead(Number(readFileSync(file, 'utf8')))
  })

  it('that a command leaves behind are ended with it', async () => {
    const file = join(temporaryDirectory(), 'pid')
    const script = `
      const { spawn } = require('child_process')
      const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
      require('fs').writeFileSync(${JSON.stringify(file)}, String(child.pid))
      child.unref()`
    const report = await verifyTest(await service({ test: [node(script)] }))
    expect(stepOf(report, 'command.1').status).toBe('pass')
    await expectDead(Number(readFileSync(file, 'utf8')))
  })

  it('of the service are ended when the signal aborts', async () => {
    const file = join(temporaryDirectory(), 'pid')
    const server = `import { writeFileSync } from 'node:fs'
      writeFileSync(${JSON.stringify(file)}, String(process.pid)); setInterval(() => {}, 1000)`
    const directory = await service({ test: [], run: {}, server })
    const controller = new AbortController()
    const run = spawnErrorOf(() => verifyTest(directory, { signal: controller.signal }), 'ABORTED')
    const pid = await pidFrom(file)
    controller.abort()
    await run
    await expectDead(pid)
  })
})

describeWith(['git'], 'a service that does not do its part', () => {
  const source = Buffer.from(rendered.files.get('server.mjs')?.bytes ?? []).toString()
  /** Verifies a service in whose program `pattern` is replaced. */
  async function broken(
    pattern: string,
    replacement: string,
    deadlines: VerifyDeadlines = {},
  ): Promise<VerifyReport> {
    expect(source).toContain(pattern)
    const server = source.replaceAll(pattern, replacement)
    return verifyTest(await service({ test: [], run: {}, server }), { deadlines })
  }

  it('ends at once', async () => {
    const report = await broken(
      'let ready',
      'console.error("no database"); process.exit(4); let ready',
    )
    expect(notPassed(report)).toEqual([
      'service.start fail',
      'service.ready skipped',
      'service.metrics skipped',
      'service.drain skipped',
    ])
    expect(stepOf(report, 'service.start').detail).toContain('ended with exit code 4')
    expect(stepOf(report, 'service.start').detail).toContain('no database')
  })

  const stay = 'setInterval(() => {}, 1000)\n  for (const server of [])'

  it.each([
    ['never gets healthy', "'/healthz'", "'/nowhere'", 'service.start', { startMs: 1000 }],
    ['never gets ready', '? 200 : 503', '? 503 : 503', 'service.ready', { startMs: 5000 }],
    ['has no metrics', 'up{name="tiny"} 1\\n', '', 'service.metrics', {}],
    ['has metrics that are none', '} 1\\n', '} one\\n', 'service.metrics', {}],
    ['has metrics of another type', 'text/plain', 'application/json', 'service.metrics', {}],
    [
      'hides its metrics',
      'text/plain',
      "'); response.statusCode = 404; void ('",
      'service.metrics',
      {},
    ],
    ['does not listen for metrics', 'metrics.listen', 'metrics.unref', 'service.metrics', {}],
    ['ends with another code', 'ready = false', 'process.exit(5)', 'service.drain', {}],
    ['dies of the signal', "process.once('SIGTERM'", "process.once('SIGUSR2'", 'service.drain', {}],
    ['ignores the signal', 'ready = false', 'return', 'service.drain', { drainMs: 1000 }],
    ['stays', 'for (const server of [service, metrics])', stay, 'service.drain', { drainMs: 1000 }],
  ])('%s', async (_, pattern, replacement, failing, deadlines) => {
    const report = await broken(pattern, replacement, deadlines)
    const failed = report.steps.filter(({ status }) => status === 'fail').map(({ id }) => id)
    expect(failed).toEqual([failing])
    expect(report.ok).toBe(false)
  })
})
