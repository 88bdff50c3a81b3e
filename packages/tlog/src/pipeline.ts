/**
 * Moves entries through a log: staged in groups that share a sync, and behind that, integrated and
 * published in larger batches.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Addition } from './appender.ts'
import { describeError, TlogError, toTlogError } from './errors.ts'
import type { Head } from './head.ts'
import { bytesOf, type Item, type Room, takeBatch } from './item.ts'
import { Loop } from './loop.ts'
import type { LogObserver, LogStatus, StepDone } from './observer.ts'
import type { WriterContext } from './options.ts'
import { Progress } from './progress.ts'
import { Repetitions } from './repeated.ts'
import type { Session } from './session.ts'
import { maxBatch, maxStagedBytes } from './storage.ts'
import type { LogWriter } from './writer.ts'

/** So many entries, and bytes of them, may be staged and not published: more of them wait. */
const maxBacklog: Room = { entries: 2 * maxBatch, bytes: 2 * maxStagedBytes }

// One for all: without it each entry that somebody waits for would make an error, with its stack.
const enough = new Error('No more entries are waited for.')

function latched(failure: TlogError): TlogError {
  return new TlogError(
    'LOG_FAILED',
    `nothing is added after an earlier failure; close the log and open it again (${failure.message})`,
    { cause: failure },
  )
}

function closed(): TlogError {
  return new TlogError('LOG_CLOSED', 'the log was closed; open it again to add entries')
}

function failed(error: unknown): TlogError {
  return new TlogError(
    'LOG_FAILED',
    `adding entries failed: ${describeError(error)}; open the log again to see which are in it, and to publish them`,
    { cause: error },
  )
}

function stepOf(begin: number, count: number, size: bigint): StepDone {
  return { count, size, durationMs: performance.now() - begin }
}

/** Tells an observer, whose errors stop nothing. */
function tell(act: () => void): void {
  try {
    act()
  } catch {
    // It is told again at the next step.
  }
}

/** Somebody who asked to publish the first `size` entries. */
interface Request extends PromiseWithResolvers<Head> {
  readonly size: bigint
}

/** Entries between their callers and the log. */
export class Pipeline {
  readonly #context: WriterContext
  readonly #session: Session
  readonly #observer: LogObserver
  readonly #repetitions: Repetitions | undefined
  readonly #sequencing: Loop
  readonly #integrating: Loop
  /** Entries without an index. */
  readonly #waiting: Item[] = []
  /** Entries that are staged and not integrated. */
  readonly #staged: Item[] = []
  /** Entries that are integrated, or about to be, and not published. */
  readonly #unpublished: Item[] = []
  /** Of the entries that are staged and not published. */
  #backlogBytes = 0
  /** Those who asked to publish what there is. */
  readonly #requests: Request[] = []
  /** The last entry that was taken. */
  #last: Progress | undefined
  /** Ends the wait for more entries to integrate together. */
  #hurry = new AbortController()
  readonly #onDemand = (): void => this.#hurry.abort(enough)
  #failure: TlogError | undefined
  #isClosed = false
  #publishedAt: number = performance.now()

  constructor(context: WriterContext, session: Session) {
    this.#context = context
    this.#session = session
    this.#observer = context.observer
    const { dedupeKeyOf } = context
    this.#repetitions = dedupeKeyOf && new Repetitions(context, dedupeKeyOf)
    this.#sequencing = new Loop(
      () => this.#waiting.length > 0,
      () => this.#withLock((writer) => this.#sequence(writer)),
    )
    this.#integrating = new Loop(
      () => this.#staged.length + this.#unpublished.length + this.#requests.length > 0,
      () => this.#withLock((writer) => this.#integrate(writer)),
    )
  }

  /** Brings the index of keys up to what is integrated. Called whenever the lock was taken. */
  async prepare(writer: LogWriter): Promise<void> {
    await this.#repetitions?.fill(writer)
  }

  /** Takes an entry, after all that were taken before. */
  add(entry: Uint8Array): Addition {
    const progress = new Progress(this.#onDemand)
    if (this.#isClosed) {
      progress.fail(closed())
    } else if (this.#failure !== undefined) {
      progress.fail(latched(this.#failure))
    } else {
      this.#waiting.push({ entry, progress, digest: this.#repetitions?.digest(entry) })
      this.#last = progress
      this.#sequencing.kick()
    }
    return progress
  }

  /** Integrates and publishes all that was taken. Rejects as `Log.publish` does. */
  async publish(): Promise<Head> {
    if (this.#isClosed) throw closed()
    this.#hurry.abort(enough)
    // Not until nothing waits: under load there would always be something.
    await this.#last?.sequenced.catch(() => undefined)
    if (this.#failure !== undefined) throw latched(this.#failure)
    const request = { ...Promise.withResolvers<Head>(), size: this.#session.writer?.next ?? 0n }
    this.#requests.push(request)
    this.#integrating.kick()
    return request.promise
  }

  /** Takes no more. Resolves once what was taken is published, or has failed. */
  async close(): Promise<void> {
    this.#isClosed = true
    this.#hurry.abort(enough)
    await this.#sequencing.idle()
    await this.#integrating.idle()
  }

  /** How far the log is. */
  status(): LogStatus {
    const writer = this.#session.writer
    return {
      sequenced: writer?.next ?? 0n,
      integrated: writer?.signed.size ?? 0n,
      published: writer?.published?.size ?? 0n,
      queued: this.#waiting.length,
      publishedAgeMs: performance.now() - this.#publishedAt,
      failure: this.#failure && latched(this.#failure),
    }
  }

  /** Works with the lock, and latches where that fails. */
  async #withLock(work: (writer: LogWriter) => Promise<void>): Promise<void> {
    let writer: LogWriter
    try {
      writer = await this.#session.enter()
    } catch (error) {
      this.#refuse(toTlogError(error, 'taking up the log'))
      return
    }
    try {
      // Whatever was staged when another step failed is not to be signed: what was staged before it
      // may be missing from the tree that this writer knows.
      if (this.#failure === undefined) await work(writer)
      else this.#failAll(this.#failure)
    } catch (error) {
      this.#latch(failed(error))
    }
    await this.#session.leave().catch((error: unknown) => this.#latch(failed(error)))
  }

  // A log that others write too may be theirs for too long; that is no failure of this one. Others
  // integrate what is staged.
  #refuse(error: TlogError): void {
    if (error.code !== 'LOG_LOCKED') this.#latch(error)
    this.#failAll(error)
  }

  // After a failed sync the system may have dropped what it could not write, and say nothing of it
  // the next time. Only reading everything again, on opening, shows what is there.
  #latch(failure: TlogError): void {
    this.#failure ??= failure
    this.#failAll(failure)
  }

  #failAll(error: TlogError): void {
    for (const items of [this.#unpublished, this.#staged]) {
      for (const { progress } of items.splice(0)) progress.fail(error)
    }
    const refused = error.code === 'LOG_FAILED' ? latched(error) : error
    for (const { progress } of this.#waiting.splice(0)) progress.fail(refused)
    for (const { reject } of this.#requests.splice(0)) reject(refused)
    this.#backlogBytes = 0
    this.#hurry.abort(enough)
  }

  async #sequence(writer: LogWriter): Promise<void> {
    const batch = await this.#takeWhereRoom()
    const added = await this.#newOnes(writer, batch)
    if (added.length > 0) await this.#stage(writer, added)
    if (batch.some(({ progress }) => progress.isAwaited)) this.#hurry.abort(enough)
    this.#integrating.kick()
    // A log that others write too is theirs between two batches.
    if (this.#context.storage.lock.isShared) await this.#integrating.idle()
  }

  /** Takes what there is room for, once there is. None only where all that waited has failed. */
  async #takeWhereRoom(): Promise<readonly Item[]> {
    for (;;) {
      const batch = takeBatch(this.#waiting, {
        entries: maxBacklog.entries - this.#staged.length - this.#unpublished.length,
        bytes: maxBacklog.bytes - this.#backlogBytes,
      })
      if (batch.length > 0 || this.#waiting.length === 0) return batch
      this.#hurry.abort(enough)
      await this.#integrating.turn()
    }
  }

  async #newOnes(writer: LogWriter, batch: readonly Item[]): Promise<readonly Item[]> {
    if (this.#repetitions === undefined) return batch
    const { added, repeated } = await this.#sorted(this.#repetitions, writer, batch)
    for (const { item, index } of repeated) {
      item.progress.markSequenced(index, true)
      item.progress.markIntegrated(writer.signed.checkpoint)
      this.#unpublished.push(item)
      this.#backlogBytes += item.entry.length
    }
    return added
  }

  async #sorted(
    repetitions: Repetitions,
    writer: LogWriter,
    batch: readonly Item[],
  ): ReturnType<Repetitions['sort']> {
    try {
      return await repetitions.sort(writer, batch)
    } catch (error) {
      for (const { progress } of batch) progress.fail(failed(error))
      throw error
    }
  }

  async #stage(writer: LogWriter, added: readonly Item[]): Promise<void> {
    const begin = performance.now()
    let first: bigint
    try {
      first = await writer.sequence(added.map(({ entry }) => entry))
    } catch (error) {
      this.#repetitions?.forget(added)
      const isRefused = error instanceof TlogError && error.code === 'LOG_NO_SPACE'
      const failure = isRefused ? error : failed(error)
      for (const { progress } of added) progress.fail(failure)
      if (isRefused) return
      throw error
    }
    for (const [i, { progress }] of added.entries()) progress.markSequenced(first + BigInt(i))
    const bytes = bytesOf(added)
    this.#staged.push(...added)
    this.#backlogBytes += bytes
    const step = { ...stepOf(begin, added.length, writer.next), bytes }
    tell(() => this.#observer.sequenced?.(step))
  }

  async #integrate(writer: LogWriter): Promise<void> {
    await this.#moreOrEnough()
    const batch = takeBatch(this.#staged)
    this.#unpublished.push(...batch)
    // Others may have integrated what this process had staged when it last had the lock.
    const rest = batch.filter(({ progress }) => progress.index >= writer.signed.size)
    const [first] = rest
    if (first !== undefined) {
      const begin = performance.now()
      const entries = rest.map(({ entry }) => entry)
      const { size } = await writer.integrate(first.progress.index, entries)
      const step = stepOf(begin, rest.length, size)
      tell(() => this.#observer.integrated?.(step))
    }
    for (const { progress } of batch) progress.markIntegrated(writer.signed.checkpoint)
    await this.#publishOrReject(writer)
  }

  /** Waits until somebody waits for entries, until there are many, or for the delay at most. */
  async #moreOrEnough(): Promise<void> {
    const { signal } = this.#hurry
    const isUrgent =
      signal.aborted || this.#isClosed || this.#unpublished.length + this.#requests.length > 0
    const isEnough = this.#staged.length >= maxBatch || this.#context.storage.lock.isShared
    if (!isUrgent && !isEnough) {
      // Rejects where it is ended sooner.
      await delay(this.#context.integrationDelayMs, undefined, { signal }).catch(() => undefined)
    }
    if (signal.aborted) this.#hurry = new AbortController()
  }

  /** Takes out those who asked for no more than the first `size` entries. */
  #takeRequests(size: bigint): Request[] {
    const taken = this.#requests.filter((request) => request.size <= size)
    const left = this.#requests.filter((request) => request.size > size)
    this.#requests.splice(0, this.#requests.length, ...left)
    return taken
  }

  async #publishOrReject(writer: LogWriter): Promise<void> {
    const begin = performance.now()
    const items = [...this.#unpublished]
    try {
      await writer.apply()
      await this.#repetitions?.integrated(items, writer.signed)
      const head = await writer.publish()
      for (const { progress } of items) progress.markPublished(head.checkpoint)
      for (const { resolve } of this.#takeRequests(head.size)) resolve(head)
      this.#publishedAt = performance.now()
      const step = stepOf(begin, items.length, head.size)
      tell(() => this.#observer.published?.(step))
    } catch (error) {
      const isWithheld = error instanceof TlogError && error.code === 'LOG_NOT_WITNESSED'
      const failure = isWithheld ? error : failed(error)
      for (const { progress } of items) progress.fail(failure)
      for (const { reject } of this.#takeRequests(writer.next)) reject(failure)
      if (!isWithheld) throw error
    } finally {
      this.#backlogBytes -= bytesOf(this.#unpublished.splice(0, items.length))
    }
  }
}
