import { execFile } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sourceFlags, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it, vi } from 'vitest'
import { createLog, openLog } from '../src/index.ts'
import { acquireLock } from '../src/posix/lock-file.ts'
import { openDatabase } from '../src/sqlite.ts'
import { testLog } from './support/logs.ts'

const run = promisify(execFile)

describe("the writer's lock", () => {
  it('keeps a second writer out, and names the first', async () => {
    const { options } = testLog(temporaryDirectory())
    const log = await createLog(options)
    await expect(openLog(options)).rejects.toMatchObject({
      code: 'LOG_LOCKED',
      message: expect.stringContaining(`process ${process.pid}`),
    })
    await log.close()
    await (await openLog(options)).close()
  })

  it('does without the name where it is not known', async () => {
    const directory = temporaryDirectory()
    const lock = await acquireLock(directory, { timeoutMs: 0 })
    writeFileSync(join(directory, 'lock.pid'), 'nonsense')
    const refused = { code: 'LOG_LOCKED', message: expect.stringContaining('another writer has') }
    await expect(acquireLock(directory, { timeoutMs: 0 })).rejects.toMatchObject(refused)
    rmSync(join(directory, 'lock.pid'))
    await expect(acquireLock(directory, { timeoutMs: 0 })).rejects.toMatchObject(refused)
    await lock.release()
    await lock.release()
  })

  it('is waited for', async () => {
    const { options } = testLog(temporaryDirectory())
    const first = await createLog(options)
    const second = openLog({ ...options, lockTimeoutMs: 60_000 })
    await first.close()
    await (await second).close()
  })

  it('is waited for no longer than is asked', async () => {
    const directory = temporaryDirectory()
    const lock = await acquireLock(directory, { timeoutMs: 0 })
    await expect(acquireLock(directory, { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'LOG_LOCKED',
    })
    await lock.release()
  })

  it('is no longer waited for once that is cancelled', async () => {
    const { options } = testLog(temporaryDirectory())
    const log = await createLog(options)
    const controller = new AbortController()
    const waiting = openLog({ ...options, lockTimeoutMs: 60_000, signal: controller.signal })
    const reason = new Error('not wanted any more')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(openLog({ ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await expect(createLog({ ...options, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    await log.close()
  })

  it('gives up a wait under way with the reason that it is given', async () => {
    const directory = temporaryDirectory()
    const lock = await acquireLock(directory, { timeoutMs: 0 })
    const controller = new AbortController()
    const { signal } = controller
    const waiting = acquireLock(directory, { timeoutMs: 60_000, signal })
    const reason = new Error('not wanted any more')
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await lock.release()
  })

  it('is given back where a log can not be opened', async () => {
    const { options } = testLog(temporaryDirectory())
    await (await createLog(options)).close()
    const checkpoint = readFileSync(join(options.directory, 'checkpoint'))
    writeFileSync(join(options.directory, 'checkpoint'), 'damaged')
    await expect(openLog(options)).rejects.toMatchObject({ code: 'LOG_CHECKPOINT_INVALID' })
    writeFileSync(join(options.directory, 'checkpoint'), checkpoint)
    await (await openLog(options)).close()
  })

  it('refuses a folder that can not be locked', async () => {
    const directory = temporaryDirectory()
    writeFileSync(join(directory, 'lock.sqlite'), 'this is not a database, and quite long enough')
    await expect(acquireLock(directory, { timeoutMs: 0 })).rejects.toMatchObject({ code: 'LOG_IO' })
    await expect(acquireLock(join(directory, 'missing'), { timeoutMs: 0 })).rejects.toMatchObject({
      code: 'LOG_IO',
    })
  })
})

describe('opening a database', () => {
  it('gives a database of node:sqlite', () => {
    const database = openDatabase(':memory:')
    expect(database.prepare('SELECT 6 * 7 AS answer').get()).toMatchObject({ answer: 42 })
    database.close()
  })

  it('drops the one warning that loading it gives, and no other', () => {
    const { getBuiltinModule } = process
    const shown = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
    const loading = vi.spyOn(process, 'getBuiltinModule').mockImplementation((id: string) => {
      process.emitWarning('SQLite is an experimental feature', 'ExperimentalWarning')
      process.emitWarning('something else', 'ExperimentalWarning')
      return getBuiltinModule(id)
    })
    openDatabase(':memory:').close()
    loading.mockRestore()
    expect(shown.mock.calls).toEqual([['something else', 'ExperimentalWarning']])
    shown.mockRestore()
  })

  it('prints no warning of SQLite, and every other one', async () => {
    const module = fileURLToPath(new URL('../src/sqlite.ts', import.meta.url))
    const program = join(temporaryDirectory(), 'program.ts')
    writeFileSync(
      program,
      `import { openDatabase } from ${JSON.stringify(module)}
      openDatabase(':memory:').close()
      process.emitWarning('SQLite is only a word here')
      process.emitWarning('something else', 'ExperimentalWarning')`,
    )
    const flags = sourceFlags().filter((flag) => !flag.startsWith('--disable-warning'))
    const { stderr } = await run(process.execPath, [...flags, program], {
      env: { ...process.env, NODE_OPTIONS: '' },
    })
    expect(stderr).not.toContain('SQLite is an experimental')
    expect(stderr).toContain('SQLite is only a word here')
    expect(stderr).toContain('something else')
  })
})
