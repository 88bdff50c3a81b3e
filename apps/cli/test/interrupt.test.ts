/**
 * Ctrl-C at any step: exit code 130, and either the whole thing is there or nothing of it.
 *
 * The points of interruption are events that a test can see (the n-th new name in a folder,
 * the n-th line on stderr), not times.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, itWith } from '@vaultmesh/testing'
import { describe, expect, it, vi } from 'vitest'
import { type Stage, stage } from './support/stage.ts'
import { vmCommand } from './support/vm-command.ts'

vi.setConfig({ testTimeout: 180_000 })

interface Interrupted {
  readonly exitCode: number | null
  readonly signal: NodeJS.Signals | null
  readonly stderr: string
}

/** Sends a signal to `vm` as soon as a trigger fires, and waits for its end. */
async function interrupt(
  { work, env }: Stage,
  words: readonly string[],
  arm: (fire: () => void, stderr: NodeJS.ReadableStream) => () => void,
  name: NodeJS.Signals = 'SIGINT',
): Promise<Interrupted> {
  const [file, ...rest] = vmCommand()
  const child = spawn(file, [...rest, ...words], {
    cwd: work,
    env: { ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let stderr = ''
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  const disarm = arm(() => child.kill(name), child.stderr)
  try {
    const [exitCode, signal] = (await once(child, 'close')) as [
      number | null,
      NodeJS.Signals | null,
    ]
    return { exitCode, signal, stderr }
  } finally {
    disarm()
  }
}

/** The names below a folder, as far as they stay there while they are read. */
function namesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name)
      return entry.isDirectory() ? [path, ...namesBelow(path)] : [path]
    })
  } catch {
    return []
  }
}

/** Fires once n new names have been seen in the folders, which are read again and again. */
function atChange(folders: readonly string[], n: number): (fire: () => void) => () => void {
  return (fire) => {
    const before = new Set(folders.flatMap(namesBelow))
    const seen = new Set<string>()
    // Node's own recursive watcher throws where a folder is gone by the time that it looks.
    return whenTrue(1, fire, () => {
      for (const path of folders.flatMap(namesBelow)) if (!before.has(path)) seen.add(path)
      return seen.size >= n
    })
  }
}

/** Fires once a path is there, below whatever folder stands in `folder`. */
function atPath(folder: string, path: string): (fire: () => void) => () => void {
  return (fire) =>
    whenTrue(20, fire, () =>
      readdirSync(folder).some((name) => existsSync(join(folder, name, path))),
    )
}

/** Looks every so many milliseconds, and fires once. Gives what ends it. */
function whenTrue(everyMs: number, fire: () => void, look: () => boolean): () => void {
  const looking = setInterval(() => {
    if (!look()) return
    clearInterval(looking)
    fire()
  }, everyMs)
  return () => clearInterval(looking)
}

/** The processes that work below a folder, as far as the system shows them. */
function processesIn(folder: string): string[] {
  if (!existsSync('/proc/self/cwd')) return []
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
    } catch {
      return false
    }
  })
}

/** Everything below a folder, in order. */
function tree(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/**
 * `vm` said so and ended with 130, or it had finished before it was asked. Node itself takes the
 * handlers away when all is done; a signal in that last moment kills the process (a shell shows 130).
 */
function expectEnd({ exitCode, signal, stderr }: Interrupted): 'interrupted' | 'finished' {
  if (exitCode === 0 || (signal !== null && stderr === '')) return 'finished'
  expect(exitCode, stderr).toBe(130)
  expect(stderr).toContain('[VM_INTERRUPTED]')
  return 'interrupted'
}

describe('vm init', () => {
  it.each([1, 2, 3, 5, 8, 13, 21, 34])(
    'interrupted at change %i leaves all or nothing',
    async (n) => {
      const here = stage()
      const end = expectEnd(
        await interrupt(here, ['init', '--no-passphrase'], atChange([here.work, here.home], n)),
      )
      const names = readdirSync(here.work)
      if (end === 'interrupted') {
        expect([...tree(here.work), ...tree(here.home)]).toEqual([])
        expect(names).toEqual([])
      } else {
        expect(names).toEqual(['.vaultmesh'])
      }
      // Whatever happened, the next attempt is not in its way.
      const again = await interrupt(here, ['init', '--no-passphrase'], () => () => undefined)
      expect(again.exitCode).toBe(end === 'interrupted' ? 0 : 5)
    },
  )

  it('is stopped by SIGTERM as well', async () => {
    const here = stage()
    const ended = await interrupt(
      here,
      ['init', '--no-passphrase'],
      atChange([here.work, here.home], 1),
      'SIGTERM',
    )
    expectEnd(ended)
  })
})

describe('a command that waits for its input', () => {
  it('is stopped, and says so', async () => {
    const here = stage()
    const [file, ...rest] = vmCommand()
    const words = ['memory', 'record', 'note', '--title', 'x', '--body-file', '-']
    const child = spawn(file, [...rest, ...words], {
      cwd: here.work,
      env: { ...here.env },
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk
    })
    // More than a pipe holds: `drain` means that the other end reads, and it is left waiting for more.
    child.stdin.on('error', () => undefined)
    child.stdin.write(Buffer.alloc(1024 * 1024, 'x'))
    child.stdin.once('drain', () => child.kill('SIGINT'))
    const [exitCode] = await once(child, 'close')
    expect(exitCode, stderr).toBe(130)
    expect(stderr).toContain('[VM_INTERRUPTED]')
  })
})

/** The example of C2SP signed-note. */
const exampleVkey = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'

describe('a command that reads a named pipe', () => {
  it.each([
    ['whole', ['verify', 'pipe', '--policy', 'pipe']],
    ['that is recorded', ['memory', 'record', 'artifact', 'pipe']],
    ['that is imported', ['log', 'import', 'pipe', '--log', 'copy', '--vkey', exampleVkey]],
    ['piece by piece', ['timestamp', 'pipe', '--tsa', 'http://127.0.0.1:1/', '--anchor', 'pipe']],
  ])('%s is stopped while nothing comes, and says so', async (_, words) => {
    const here = stage()
    const pipe = join(here.work, 'pipe')
    execFileSync('mkfifo', [pipe])
    const end = expectEnd(
      await interrupt(here, words, (fire) => {
        // It can be opened for writing once there is a reader.
        const writer = createWriteStream(pipe).once('open', fire)
        return () => writer.destroy()
      }),
    )
    expect(end).toBe('interrupted')
  })
})

describeWith(['git'], 'vm spawn create', () => {
  function ready(): Stage {
    const here = stage()
    writeFileSync(
      join(here.home, '.gitconfig'),
      '[user]\n\tname = Ada\n\temail = ada@example.com\n',
    )
    return here
  }

  it.each([1, 5, 20, 60, 120])('interrupted at change %i leaves all or nothing', async (n) => {
    const here = ready()
    await interrupt(here, ['init', '--no-passphrase'], () => () => undefined)
    const before = tree(here.work)
    const words = ['spawn', 'create', 'svc', '--template', 'ts-fastify']
    const end = expectEnd(await interrupt(here, words, atChange([here.work], n)))
    if (end === 'interrupted') {
      expect(tree(here.work)).toEqual(before)
      expect(readdirSync(here.work)).toEqual(['.vaultmesh'])
    } else {
      expect(existsSync(join(here.work, 'svc', '.vm', 'manifest.json'))).toBe(true)
    }
    expect(readdirSync(here.temporary)).toEqual([])
  })
})

describeWith(['git', 'npm'], 'vm demo', () => {
  /** Fires when the n-th line appears on stderr. */
  function atLine(
    pattern: RegExp,
  ): (fire: () => void, stderr: NodeJS.ReadableStream) => () => void {
    return (fire, stderr) => {
      let text = ''
      let fired = false
      const onData = (chunk: string): void => {
        text += chunk
        if (!fired && pattern.test(text)) {
          fired = true
          fire()
        }
      }
      stderr.on('data', onData)
      return () => stderr.off('data', onData)
    }
  }

  it('interrupted while it makes a workspace leaves nothing', async () => {
    const here = stage()
    const ended = await interrupt(here, ['demo'], atChange([here.temporary], 3))
    expect(expectEnd(ended)).toBe('interrupted')
    expect(readdirSync(here.temporary)).toEqual([])
  })

  it.each([
    ['spawns', / 1\/[0-9]+ /],
    ['tests', / 2\/[0-9]+ /],
  ])('interrupted while it %s leaves nothing', async (_, pattern) => {
    const here = stage()
    const ended = await interrupt(here, ['demo'], atLine(pattern))
    expect(expectEnd(ended)).toBe('interrupted')
    expect(readdirSync(here.temporary)).toEqual([])
    expect(tree(here.home)).toEqual([])
  })

  it('interrupted while it serves and syncs leaves nothing, and no server', async () => {
    const here = stage()
    const trigger = atPath(here.temporary, 'globex/workspace/.vaultmesh/mirrors')
    const ended = await interrupt(here, ['demo', '--only', 'federation'], trigger)
    expect(expectEnd(ended)).toBe('interrupted')
    expect(readdirSync(here.temporary)).toEqual([])
    expect(processesIn(here.temporary)).toEqual([])
  })

  itWith(
    ['chromium'],
    'interrupted while a browser runs leaves nothing, and no browser',
    async () => {
      const here = stage()
      const trigger = atPath(here.temporary, 'browser')
      const ended = await interrupt(here, ['demo', '--only', 'page'], trigger, 'SIGTERM')
      expect(expectEnd(ended)).toBe('interrupted')
      expect(readdirSync(here.temporary)).toEqual([])
      expect(processesIn(here.temporary)).toEqual([])
    },
  )
})
