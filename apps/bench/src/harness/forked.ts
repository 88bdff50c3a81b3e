/** A process of ours that answers messages. */
import { type ChildProcess, fork } from 'node:child_process'
import { on, once } from 'node:events'

/** A script in a process of its own, with Node's flags of this one. */
export class Forked<Message> {
  readonly #name: string
  readonly #child: ChildProcess
  readonly #messages: ReturnType<typeof on>
  #said = ''

  /** Starts it. `name` is for what is said where it fails. */
  constructor(name: string, script: string, args: readonly string[]) {
    this.#name = name
    this.#child = fork(script, args, { silent: true })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString()
    })
    const ended = new AbortController()
    this.#child.on('exit', () => ended.abort())
    this.#messages = on(this.#child, 'message', { signal: ended.signal })
  }

  /** Its next message. Throws what it said on stderr where it has ended. */
  async receive(): Promise<Message> {
    try {
      const { value } = await this.#messages.next()
      const [message]: [Message] = value
      return message
    } catch (cause) {
      throw new Error(`${this.#name} failed in its process: ${this.#said.trim()}`, { cause })
    }
  }

  send(order: string): void {
    this.#child.send(order)
  }

  /** Cuts it off, whereupon it ends, and waits for that. */
  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const ended = once(this.#child, 'exit')
    if (this.#child.connected) this.#child.disconnect()
    await ended
  }
}
