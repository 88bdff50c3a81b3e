/** A writer in a process of its own, which a test can end at any moment. */
import { appendFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createLog, type LogOptions, nodeFileSystem, openLog, TlogError } from '../../src/index.ts'
import { interceptedFileSystem } from './faults.ts'
import { bytesOf, testLog } from './logs.ts'

/** What the process does, as JSON in its first argument. */
export interface ChildTask {
  /** The folder that holds tree and state. */
  readonly directory: string
  /** Each entry begins with it. */
  readonly name: string
  readonly count: number
  /** How many entries are given to the log at once. */
  readonly batch: number
  /** Whether to open the log anew for each batch. */
  readonly reopen?: boolean
  readonly lockTimeoutMs?: number
  /** The operation before which the process kills itself. */
  readonly killAt?: number
}

const task: ChildTask = JSON.parse(process.argv[2] ?? '')

const fileSystem = interceptedFileSystem(nodeFileSystem, async ({ number }, act) => {
  if (number === task.killAt) process.kill(process.pid, 'SIGKILL')
  await act()
})

const { options: base } = testLog(task.directory, fileSystem)
const options: LogOptions = {
  ...base,
  lockTimeoutMs: task.lockTimeoutMs ?? 60_000,
  // What is signed is noted before anyone can see the signature.
  signers: base.signers.map((signer) => ({
    ...signer,
    sign(text) {
      const [, size, root] = new TextDecoder().decode(text).split('\n')
      appendFileSync(join(task.directory, 'signed'), `${size} ${root}\n`)
      return signer.sign(text)
    },
  })),
}

async function openOrCreate() {
  try {
    return await openLog(options)
  } catch (error) {
    if (error instanceof TlogError && error.code === 'LOG_NOT_FOUND') return createLog(options)
    throw error
  }
}

let log = await openOrCreate()
for (let begin = 0; begin < task.count; begin += task.batch) {
  const texts = Array.from(
    { length: Math.min(task.batch, task.count - begin) },
    (_, i) => `${task.name} ${begin + i}`,
  )
  await Promise.all(
    texts.map(async (text) => {
      const { sequenced, published } = log.add(bytesOf(text))
      const { index } = await sequenced
      // Written at once, so that no acknowledgement is lost with the process.
      writeSync(1, `${index} ${text}\n`)
      await published
    }),
  )
  if (task.reopen === true) {
    await log.close()
    log = await openOrCreate()
  }
}
await log.close()
