import { EventEmitter } from 'node:events'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hiddenPrompt, type Keyboard, readAll, type Typing, typed } from '../src/input.ts'

const nothing: Typing = { text: '', state: 'typing' }
const never = new AbortController().signal

/** A terminal's keyboard that a test types on. */
class FakeKeyboard extends EventEmitter implements Keyboard {
  readonly isTTY = true
  raw = false
  setRawMode(raw: boolean): void {
    this.raw = raw
  }
  resume(): void {}
  pause(): void {}
  type(keys: string): void {
    this.emit('data', Buffer.from(keys))
  }
}

describe('typing a hidden answer', () => {
  it('ends with Enter', () => {
    expect(typed(nothing, 'söcret\r')).toEqual({ text: 'söcret', state: 'done' })
  })

  it('takes the last character back with Backspace, whole even when it is an emoji', () => {
    expect(typed(nothing, 'ab👋\u007f\u007fc\r').text).toBe('ac')
  })

  it('begins again with Ctrl-U', () => {
    expect(typed(nothing, 'wrong\u0015right\r').text).toBe('right')
  })

  it('is interrupted by Ctrl-C and Ctrl-D, and forgets what was typed', () => {
    expect(typed(nothing, 'abc\u0003')).toEqual({ text: '', state: 'interrupted' })
    expect(typed(nothing, 'abc\u0004')).toEqual({ text: '', state: 'interrupted' })
  })

  it('ignores arrow keys', () => {
    expect(typed(nothing, 'a\u001b[Db\u001b[3~c\u001bOA\r').text).toBe('abc')
  })

  it('does not depend on how the keys are cut into chunks', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme-ascii' })), (chunks) => {
        const one = typed(nothing, chunks.join(''))
        expect(chunks.reduce(typed, nothing)).toEqual(one)
      }),
    )
  })
})

describe('a hidden prompt', () => {
  it('is not there without a terminal', () => {
    const keyboard = Object.assign(new FakeKeyboard(), { isTTY: false })
    expect(hiddenPrompt(keyboard, { isTTY: true, write: () => true }, never)).toBeUndefined()
    expect(hiddenPrompt(new FakeKeyboard(), { write: () => true }, never)).toBeUndefined()
  })

  it('shows the question and nothing of the answer', async () => {
    const keyboard = new FakeKeyboard()
    let shown = ''
    // Who answers as soon as the question is there must not be echoed by the terminal.
    const rawWhenAsked: boolean[] = []
    const write = (text: string): void => {
      shown += text
      rawWhenAsked.push(keyboard.raw)
    }
    const answer = hiddenPrompt(keyboard, { isTTY: true, write }, never)?.('Passphrase: ')
    keyboard.type('sec')
    keyboard.type('ret\r')
    expect(await answer).toBe('secret')
    expect(rawWhenAsked[0]).toBe(true)
    expect(shown).toBe('Passphrase: \n')
    expect(keyboard.raw).toBe(false)
    expect(keyboard.listenerCount('data')).toBe(0)
  })

  it('gives the terminal back when it is interrupted', async () => {
    const keyboard = new FakeKeyboard()
    const screen = { isTTY: true, write: () => true }
    const answer = hiddenPrompt(keyboard, screen, never)?.('?')
    keyboard.type('\u0003')
    await expect(answer).rejects.toMatchObject({ code: 'VM_INTERRUPTED' })
    expect(keyboard.raw).toBe(false)
    const controller = new AbortController()
    const other = hiddenPrompt(keyboard, screen, controller.signal)?.('?')
    controller.abort(new Error('stop'))
    await expect(other).rejects.toThrow('stop')
    expect(keyboard.raw).toBe(false)
  })
})

describe('standard input', () => {
  it('is read whole', async () => {
    const bytes = await readAll(Readable.from([Buffer.from('ab'), Buffer.from('c')]), 3, never)
    expect(Buffer.from(bytes).toString()).toBe('abc')
  })

  it('is refused above its bound', async () => {
    const reading = readAll(Readable.from([Buffer.from('abcd')]), 3, never)
    await expect(reading).rejects.toMatchObject({ code: 'VM_USAGE' })
  })

  it('is given up when the signal aborts', async () => {
    const controller = new AbortController()
    const reading = readAll(new Readable({ read: () => undefined }), 3, controller.signal)
    controller.abort()
    await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
  })
})
