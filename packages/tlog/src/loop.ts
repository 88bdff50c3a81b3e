/** Work that is done for as long as there is some, one piece after the other. */

/** Runs `work` while `hasWork`. */
export class Loop {
  readonly #hasWork: () => boolean
  readonly #work: () => Promise<void>
  #running: Promise<void> | undefined
  #turn: Promise<void> = Promise.resolve()

  /** `work` must not reject, and must leave less to do than it found. */
  constructor(hasWork: () => boolean, work: () => Promise<void>) {
    this.#hasWork = hasWork
    this.#work = work
  }

  /** Begins, unless it is at work or there is nothing to do. */
  kick(): void {
    if (this.#running === undefined && this.#hasWork()) this.#running = this.#run()
  }

  /** Resolves once there is nothing to do. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  /** Resolves after the piece of work that is under way. */
  turn(): Promise<void> {
    return this.#turn
  }

  async #run(): Promise<void> {
    // Nothing may come between the last look and the end, or what is added then would wait.
    while (this.#hasWork()) {
      this.#turn = this.#work()
      await this.#turn
    }
    this.#running = undefined
  }
}
