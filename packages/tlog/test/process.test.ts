import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { encodeBase64 } from '@vaultmesh/merkle/bytes'
import { propertyParameters, sourceFlags, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { checkLog, createLog, openLog, openLogReader } from '../src/index.ts'
import type { ChildTask } from './support/child.ts'
import { naiveRoot, randomNumbers, testLog } from './support/logs.ts'

const program = fileURLToPath(new URL('./support/child.ts', import.meta.url))

interface Ended {
  readonly signal: NodeJS.Signals | null
  readonly code: number | null
  /** The lines `index text` of the entries that the process saw acknowledged. */
  readonly acknowledged: string[]
  readonly stderr: string
}

/** Runs a writer to its end; `onLine` may end it sooner. */
function runChild(task: ChildTask, onLine?: (child: ChildProcess, count: number) => void) {
  return new Promise<Ended>((resolve, reject) => {
    const child = spawn(process.execPath, [...sourceFlags(), program, JSON.stringify(task)], {
      env: { ...process.env, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const acknowledged: string[] = []
    let stderr = ''
    child.stderr.on('data', (data) => {
      stderr += String(data)
    })
    createInterface(child.stdout).on('line', (line) => {
      acknowledged.push(line)
      onLine?.(child, acknowledged.length)
    })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ signal, code, acknowledged, stderr }))
  })
}

/** What must hold after any number of writers have lived and died. */
async function expectSound(directory: string, acknowledged: readonly string[]): Promise<string[]> {
  const { options } = testLog(directory)
  await (await openLog(options)).close()
  const entries: Uint8Array[] = []
  for await (const { entry } of (await openLogReader(options)).entries()) entries.push(entry)
  const texts = entries.map((entry) => new TextDecoder().decode(entry))
  for (const line of acknowledged) {
    const [index = '', ...words] = line.split(' ')
    expect(texts[Number(index)], line).toBe(words.join(' '))
  }
  expect(new Set(texts).size).toBe(texts.length)
  const signed = readFileSync(join(directory, 'signed'), 'utf8').trim().split('\n')
  for (const line of new Set(signed)) {
    const [size = '', root] = line.split(' ')
    expect(Number(size)).toBeLessThanOrEqual(entries.length)
    expect(root, line).toBe(encodeBase64(naiveRoot(entries.slice(0, Number(size)))))
  }
  expect((await checkLog(options)).problems).toEqual([])
  return texts
}

describe('a writer that is killed', () => {
  const { seed } = propertyParameters(process.env)
  const random = randomNumbers(seed)

  it(`before any operation loses nothing, life after life (seed ${seed})`, async () => {
    const directory = temporaryDirectory()
    const acknowledged: string[] = []
    for (let life = 0; life < 8; life += 1) {
      const task = { directory, name: `life ${life}`, count: 500, batch: 1 + random(100) }
      const ended = await runChild({ ...task, killAt: random(120) })
      expect(ended.signal, ended.stderr).toBe('SIGKILL')
      acknowledged.push(...ended.acknowledged)
    }
    const last = await runChild({ directory, name: 'last', count: 3, batch: 1 })
    expect(last, last.stderr).toMatchObject({ code: 0 })
    expect(last.acknowledged).toHaveLength(3)
    await expectSound(directory, [...acknowledged, ...last.acknowledged])
  })

  it(`from outside, at whatever it does then, loses nothing (seed ${seed})`, async () => {
    const directory = temporaryDirectory()
    const acknowledged: string[] = []
    for (let life = 0; life < 4; life += 1) {
      const killAfter = 1 + random(30)
      const ended = await runChild(
        { directory, name: `life ${life}`, count: 100_000, batch: 1 + random(3) },
        (child, count) => {
          if (count >= killAfter) child.kill('SIGKILL')
        },
      )
      expect(ended.signal, ended.stderr).toBe('SIGKILL')
      acknowledged.push(...ended.acknowledged)
    }
    await expectSound(directory, acknowledged)
  })
})

describe('two writers at once', () => {
  it('take turns, and lose nothing', async () => {
    const directory = temporaryDirectory()
    const task = { directory, count: 12, batch: 3, reopen: true }
    const { options } = testLog(directory)
    await (await createLog(options)).close()
    const ended = await Promise.all([
      runChild({ ...task, name: 'one' }),
      runChild({ ...task, name: 'other' }),
    ])
    for (const each of ended) expect(each, each.stderr).toMatchObject({ code: 0 })
    const texts = await expectSound(
      directory,
      ended.flatMap((each) => each.acknowledged),
    )
    expect(texts).toHaveLength(24)
  })

  it('stay apart also after another try in the process that has the lock', async () => {
    const directory = temporaryDirectory()
    const { options } = testLog(directory)
    const log = await createLog(options)
    // Closing any file descriptor of a locked file gives up a process's POSIX locks on it.
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_LOCKED' })
    const task = { directory, name: 'other', count: 1, batch: 1, lockTimeoutMs: 0 }
    const { code, stderr } = await runChild(task)
    expect(code).toBe(1)
    expect(stderr).toContain('LOG_LOCKED')
    expect(stderr).toContain(`process ${process.pid}`)
    await log.close()
  })

  it('may both want to make the log; one does', async () => {
    const directory = temporaryDirectory()
    const task = { directory, count: 1, batch: 1 }
    const ended = await Promise.all([
      runChild({ ...task, name: 'one' }),
      runChild({ ...task, name: 'other' }),
    ])
    const winners = ended.filter(({ code }) => code === 0)
    expect(winners.length).toBeGreaterThan(0)
    for (const { code, stderr } of ended) if (code !== 0) expect(stderr).toContain('LOG_EXISTS')
    await expectSound(
      directory,
      ended.flatMap((each) => each.acknowledged),
    )
  })
})
