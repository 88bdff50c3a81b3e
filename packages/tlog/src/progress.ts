/** How far an entry has come, as promises that cost nothing until someone asks for them. */
import type { Addition, Integrated, Sequenced } from './appender.ts'
import type { TlogError } from './errors.ts'

function ignore(): void {}

/** A promise that somebody asked for before it was settled. */
type Asked<T> = PromiseWithResolvers<T> | undefined

/** An entry on its way. */
export class Progress implements Addition {
  readonly #onDemand: () => void
  #isAwaited = false
  /** How far it is. */
  #place: Sequenced | undefined
  #integratedBy: string | undefined
  #publishedBy: string | undefined
  #error: TlogError | undefined
  /** Who waits. */
  #sequenced: Asked<Sequenced>
  #integrated: Asked<Integrated>
  #published: Asked<Integrated>

  /** `onDemand` is called when somebody waits for more than the index. */
  constructor(onDemand: () => void) {
    this.#onDemand = onDemand
  }

  get sequenced(): Promise<Sequenced> {
    this.#sequenced ??= this.#asked(this.#place)
    return this.#sequenced.promise
  }

  get integrated(): Promise<Integrated> {
    this.#demand()
    return this.#toIntegrated().promise
  }

  get published(): Promise<Integrated> {
    this.#demand()
    return this.#toPublished().promise
  }

  /** Whether somebody waits for it to be integrated or published. */
  get isAwaited(): boolean {
    return this.#isAwaited
  }

  /** The entry's index, once it has one; 0 before. */
  get index(): bigint {
    return this.#place?.index ?? 0n
  }

  markSequenced(index: bigint, isRepeated = false): void {
    this.#place = { index, isRepeated }
    this.#sequenced?.resolve(this.#place)
    // Many entries are kept for a while after this, and only their callers need the promise.
    this.#sequenced = undefined
  }

  markIntegrated(checkpoint: string): void {
    this.#integratedBy = checkpoint
    this.#integrated?.resolve(this.#covered(checkpoint))
  }

  markPublished(checkpoint: string): void {
    this.#publishedBy = checkpoint
    this.#published?.resolve(this.#covered(checkpoint))
  }

  /** Rejects what is not resolved yet, and stays as it is. */
  fail(error: TlogError): void {
    this.#error = error
    for (const asked of [this.#sequenced, this.#integrated, this.#published]) {
      asked?.promise.catch(ignore)
      asked?.reject(error)
    }
  }

  /** Comes as far as `leader` does, which has the same key and content. */
  follow(leader: Progress): void {
    const fail = (error: TlogError): void => this.fail(error)
    leader.sequenced.then(({ index }) => this.markSequenced(index, true), fail)
    leader.#toIntegrated().promise.then(({ checkpoint }) => this.markIntegrated(checkpoint), fail)
    leader.#toPublished().promise.then(({ checkpoint }) => this.markPublished(checkpoint), fail)
    if (this.#isAwaited) leader.#demand()
  }

  #toIntegrated(): PromiseWithResolvers<Integrated> {
    const by = this.#integratedBy
    this.#integrated ??= this.#asked(by === undefined ? undefined : this.#covered(by))
    return this.#integrated
  }

  #toPublished(): PromiseWithResolvers<Integrated> {
    const by = this.#publishedBy
    this.#published ??= this.#asked(by === undefined ? undefined : this.#covered(by))
    return this.#published
  }

  #covered(checkpoint: string): Integrated {
    const { index = 0n, isRepeated = false } = this.#place ?? {}
    return { index, isRepeated, checkpoint }
  }

  #asked<T>(value: T | undefined): PromiseWithResolvers<T> {
    const asked = Promise.withResolvers<T>()
    if (value !== undefined) {
      asked.resolve(value)
    } else if (this.#error !== undefined) {
      // Whoever only looks must not end the process.
      asked.promise.catch(ignore)
      asked.reject(this.#error)
    }
    return asked
  }

  #demand(): void {
    if (this.#isAwaited) return
    this.#isAwaited = true
    this.#onDemand()
  }
}
