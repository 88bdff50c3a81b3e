/** The measuring process's side of a server in a process of its own. */
import { Forked } from '../../harness/forked.ts'

/** A server that listens. `Facts` is what it has said of itself. */
export class ServerProcess<Facts> {
  readonly facts: Facts & { readonly url: string }
  readonly #forked: Forked<unknown>

  private constructor(forked: Forked<unknown>, facts: Facts & { readonly url: string }) {
    this.#forked = forked
    this.facts = facts
  }

  /** Starts a script that calls `serve` of `answering.ts`. Throws what went wrong in it. */
  static async start<Facts>(
    name: string,
    script: string,
    args: readonly string[],
  ): Promise<ServerProcess<Facts>> {
    const forked = new Forked<unknown>(name, script, args)
    try {
      // Our own code on the other side.
      const facts = (await forked.receive()) as Facts & { readonly url: string }
      return new ServerProcess(forked, facts)
    } catch (error) {
      await forked.end()
      throw error
    }
  }

  /** Its answer to a question that it knows. */
  async ask<T>(question: string): Promise<T> {
    this.#forked.send(question)
    return (await this.#forked.receive()) as T
  }

  async end(): Promise<void> {
    await this.#forked.end()
  }
}
