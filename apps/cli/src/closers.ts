/** What is to be closed at the end, the last that was opened first; Node 22 has no stack for that. */
export class Closers {
  readonly #closers: (() => unknown)[] = []

  /** Closes this at the end, before what was added earlier. */
  add(close: () => unknown): void {
    this.#closers.push(close)
  }

  /** Closes everything, once. Where some of it fails, the first failure is thrown at the end. */
  async close(): Promise<void> {
    const failures: unknown[] = []
    for (const close of this.#closers.splice(0).toReversed()) {
      try {
        await close()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }
}
