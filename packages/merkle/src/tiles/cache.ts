/** Keeps the answers of the last reads, and joins reads of the same thing that run at once. */

/** A map of at most `max` answers; the one that was used least recently goes first. */
export class ReadCache<T> {
  readonly #max: number
  readonly #kept = new Map<string, Promise<T>>()

  constructor(max: number) {
    this.#max = max
  }

  /**
   * The kept answer for a key, else what `read` gives. An answer that `isGood` refuses, or a
   * rejection, is not kept: the next read may go better.
   */
  get(key: string, read: () => Promise<T>, isGood: (answer: T) => boolean): Promise<T> {
    const answer = this.#kept.get(key) ?? this.#start(key, read, isGood)
    this.#kept.delete(key)
    this.#kept.set(key, answer)
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= this.#max) break
      this.#kept.delete(oldest)
    }
    return answer
  }

  #start(key: string, read: () => Promise<T>, isGood: (answer: T) => boolean): Promise<T> {
    const answer = read()
    const forget = (): void => {
      if (this.#kept.get(key) === answer) this.#kept.delete(key)
    }
    answer.then((given) => {
      if (!isGood(given)) forget()
    }, forget)
    return answer
  }
}
