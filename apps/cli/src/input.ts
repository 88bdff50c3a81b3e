/** What people and pipes tell us: a hidden answer on a terminal, and all of standard input. */
import { addAbortSignal, type Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
import { VmError } from './errors.ts'

/** What a hidden prompt needs of the terminal's input. */
export interface Keyboard {
  readonly isTTY?: boolean
  setRawMode?(raw: boolean): unknown
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  off(event: 'data', listener: (chunk: Buffer) => void): unknown
  resume(): unknown
  pause(): unknown
}

/** What a hidden prompt needs of the terminal's output. */
export interface Screen {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** An answer while it is typed. */
export interface Typing {
  readonly text: string
  readonly state: 'typing' | 'done' | 'interrupted'
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: terminals send these for arrow and other keys.
const arrowKeys = /\u001b(\[[0-9;]*[A-Za-z~]|O[A-Z])/g

/** The answer after more keys. Nothing of it is ever shown. */
export function typed(before: Typing, keys: string): Typing {
  let { text } = before
  for (const key of keys.replace(arrowKeys, '')) {
    if (key === '\r' || key === '\n') return { text, state: 'done' }
    if (key === '\u0003' || key === '\u0004') return { text: '', state: 'interrupted' }
    if (key === '\u0015') text = ''
    else if (key === '\u007f' || key === '\b') text = [...text].slice(0, -1).join('')
    else if (key >= ' ') text += key
  }
  return { text, state: 'typing' }
}

/**
 * A way to ask for a text that is not shown while it is typed, or undefined where there is no
 * terminal to ask on. The promise rejects when the signal aborts or Ctrl-C is typed.
 */
export function hiddenPrompt(
  keyboard: Keyboard,
  screen: Screen,
  signal: AbortSignal,
): ((question: string) => Promise<string>) | undefined {
  if (keyboard.isTTY !== true || screen.isTTY !== true) return undefined
  return (question) =>
    new Promise((resolve, reject) => {
      const decoder = new StringDecoder('utf8')
      let typing: Typing = { text: '', state: 'typing' }
      const finish = (settle: () => void): void => {
        keyboard.off('data', onData)
        signal.removeEventListener('abort', onAbort)
        keyboard.setRawMode?.(false)
        keyboard.pause()
        screen.write('\n')
        settle()
      }
      const onAbort = (): void => finish(() => reject(signal.reason))
      const onData = (chunk: Buffer): void => {
        typing = typed(typing, decoder.write(chunk))
        if (typing.state === 'done') finish(() => resolve(typing.text))
        if (typing.state === 'interrupted') {
          finish(() => reject(new VmError('VM_INTERRUPTED', 'interrupted at the prompt')))
        }
      }
      signal.throwIfAborted()
      // Before the question: who answers at once must not be echoed by the terminal.
      keyboard.setRawMode?.(true)
      keyboard.on('data', onData)
      signal.addEventListener('abort', onAbort, { once: true })
      keyboard.resume()
      screen.write(question)
    })
}

/**
 * All bytes of a stream.
 *
 * @throws {VmError} `VM_USAGE` when there are more than `limit`.
 */
export async function readAll(
  stream: Readable,
  limit: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of addAbortSignal(signal, stream) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limit) {
      throw new VmError('VM_USAGE', `the input holds more than ${limit} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
