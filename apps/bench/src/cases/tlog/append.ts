/** Durable appends: one at a time, in batches, and from many callers at once. */

import { fdatasyncSync, writeSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'
import { memoryStorage } from '@vaultmesh/tlog'
import type { BenchCase, CaseContext, TimedVariant } from '../../harness/case.ts'
import { indexedEntry } from '../log-tree.ts'
import { logOptions, MeasuredLog, timeEach } from './log.ts'
import { noTessera, tesseraVariant } from './tessera.ts'

const length = 256

function perRound({ scale }: CaseContext): number {
  return scale === 'smoke' ? 2 : 10
}

/** The least that durability costs: the bytes at the end of a file, and one sync. */
function floorVariants(file: FileHandle, count: number): TimedVariant[] {
  const entry = indexedEntry(0, length)
  const floor = (name: string, note: string, work: () => Promise<unknown>): TimedVariant => ({
    kind: 'timed',
    name,
    role: 'floor',
    note,
    run: async () => ({ samples: await timeEach(count, () => undefined, work), result: 'added' }),
  })
  return [
    floor(
      'fdatasync',
      'the same bytes, written at the end of a file and synced, by blocking calls',
      async () => {
        writeSync(file.fd, entry)
        fdatasyncSync(file.fd)
      },
    ),
    floor(
      'fdatasync, awaited',
      'the same by `node:fs/promises`, so that the process can do something else meanwhile',
      async () => {
        await file.write(entry)
        await file.datasync()
      },
    ),
  ]
}

/** One entry at a time; each waits for the one before. */
export const appendSingle: BenchCase = {
  title: 'Append one entry at a time, durably',
  async prepare(context) {
    const { directory } = context
    const count = perRound(context)
    const warm = 300
    const make = (name: string) =>
      MeasuredLog.create(logOptions(join(directory, name)), length, warm)
    const [first, second] = [await make('sequenced'), await make('published')]
    const { origin, signers, verifiers } = logOptions(directory)
    const inMemory = await MeasuredLog.create(
      { origin, signers, verifiers, storage: memoryStorage() },
      length,
      warm,
    )
    const variant = (
      name: string,
      note: string,
      measured: MeasuredLog,
      until: 'sequenced' | 'published',
    ): TimedVariant => ({
      kind: 'timed',
      name,
      role: 'ours',
      note,
      async run() {
        const samples = await timeEach(
          count,
          () => measured.next(1),
          ([entry = new Uint8Array()]) => measured.log.add(entry)[until],
        )
        // The integration that is still to come is not measured, nor may it slow the next variant.
        await measured.log.publish()
        return { samples, result: 'added' }
      },
    })
    const file = await open(join(directory, 'floor'), 'a')
    const tessera = tesseraVariant({
      name: 'Tessera',
      directory: join(directory, 'tessera'),
      batch: 1,
      length,
      count,
    })
    return {
      input: `Entries of ${length} bytes into a log on this disk, each added when the one before is acknowledged.`,
      variants: [
        variant(
          'sequenced',
          'its index is on the disk: `add(entry).sequenced`',
          first,
          'sequenced',
        ),
        variant(
          'published',
          'every reader sees it under a signed checkpoint: `add(entry).published`',
          second,
          'published',
        ),
        variant(
          'sequenced, in memory',
          'the memory driver: what all but the disk costs',
          inMemory,
          'sequenced',
        ),
        ...floorVariants(file, count),
        ...(tessera === undefined ? [] : [tessera.variant]),
      ],
      absent: tessera === undefined ? [noTessera] : [],
      async dispose() {
        await file.close()
        tessera?.close()
        for (const { log } of [first, second, inMemory]) await log.close()
      },
    }
  },
}

/** Many entries at once. */
export const appendBatches: BenchCase = {
  title: 'Append entries in batches, durably',
  async prepare({ directory, scale }) {
    const sizes = scale === 'smoke' ? [1, 16] : [1, 16, 256, 4096]
    const logs: MeasuredLog[] = []
    const variants: TimedVariant[] = []
    for (const size of sizes) {
      const measured = await MeasuredLog.create(logOptions(join(directory, `${size}`)), length, 300)
      logs.push(measured)
      // As long a round for each size: a batch of 4096 takes as long as some tens of syncs.
      const count = size > 256 || scale === 'smoke' ? 1 : 5
      variants.push({
        kind: 'timed',
        name: size === 1 ? 'one at a time' : `batches of ${size}`,
        role: 'ours',
        async run() {
          const samples = await timeEach(
            count,
            () => measured.next(size),
            (entries) => Promise.all(entries.map((entry) => measured.log.add(entry).sequenced)),
          )
          await measured.log.publish()
          return { samples: samples.map((ms) => ms / size), result: 'added' }
        },
      })
    }
    const published = await MeasuredLog.create(
      logOptions(join(directory, 'published')),
      length,
      300,
    )
    logs.push(published)
    const batch = scale === 'smoke' ? 16 : 256
    variants.push({
      kind: 'timed',
      name: `batches of ${batch}, published`,
      role: 'ours',
      async run() {
        const samples = await timeEach(
          2,
          () => published.next(batch),
          (entries) => Promise.all(entries.map((entry) => published.log.add(entry).published)),
        )
        return { samples: samples.map((ms) => ms / batch), result: 'added' }
      },
    })
    const tessera = tesseraVariant({
      name: `Tessera, batches of ${batch}`,
      directory: join(directory, 'tessera'),
      batch,
      length,
      count: 2,
    })
    if (tessera !== undefined) variants.push(tessera.variant)
    return {
      input: `Entries of ${length} bytes into a log on this disk; the next batch begins when all of the last one are sequenced. Times are per entry.`,
      items: { count: 1, name: 'entries' },
      subject: batch === 16 ? 'batches of 16' : 'batches of 256',
      variants,
      absent: tessera === undefined ? [noTessera] : [],
      async dispose() {
        tessera?.close()
        for (const { log } of logs) await log.close()
      },
    }
  },
}

/** Many callers, each with one entry at a time. */
export const appendConcurrent: BenchCase = {
  title: 'Append from 64 callers at once',
  async prepare({ directory, scale }) {
    const callers = 64
    const each = scale === 'smoke' ? 1 : 4
    const { origin, signers, verifiers } = logOptions(directory)
    const onDisk = await MeasuredLog.create(logOptions(directory), length, 300)
    const inMemory = await MeasuredLog.create(
      { origin, signers, verifiers, storage: memoryStorage() },
      length,
      300,
    )
    const variant = (name: string, { log, next }: MeasuredLog): TimedVariant => ({
      kind: 'timed',
      name,
      role: 'ours',
      async run() {
        const samples = await Promise.all(
          Array.from({ length: callers }, async () => {
            const begin = performance.now()
            for (const entry of next(each)) await log.add(entry).sequenced
            return (performance.now() - begin) / each
          }),
        )
        await log.publish()
        return { samples, result: 'added' }
      },
    })
    return {
      input: `64 callers, each of which adds an entry of ${length} bytes and waits until it is sequenced, ${each} times. A sample is one caller's mean wait for one entry.`,
      rounds: 10,
      variants: [variant('sequenced', onDisk), variant('sequenced, in memory', inMemory)],
      async dispose() {
        for (const { log } of [onDisk, inMemory]) await log.close()
      },
    }
  },
}
