import { describe, expect, it } from 'vitest'
import type { Outcome } from '../src/command.ts'
import { Output, type OutputSettings, wantsColour } from '../src/output.ts'
import { toned } from '../src/text.ts'

/** An output whose two streams are kept as text. */
function recorder(
  settings: Partial<OutputSettings> = {},
  terminal = false,
): { output: Output; stdout: () => string; stderr: () => string } {
  const text = { stdout: '', stderr: '' }
  const sink = (name: keyof typeof text) => ({
    isTTY: terminal,
    write: (data: string | Uint8Array) => {
      text[name] += typeof data === 'string' ? data : Buffer.from(data).toString('utf8')
    },
  })
  const output = new Output(
    { json: false, quiet: false, colour: true, ...settings },
    sink('stdout'),
    sink('stderr'),
  )
  return { output, stdout: () => text.stdout, stderr: () => text.stderr }
}

const outcome: Outcome = {
  json: { answer: 42 },
  text: [['the answer is ', toned('good', '42')]],
  next: ['vm doctor'],
}

describe('what goes where', () => {
  it('prints data on stdout and nothing on stderr where there is no terminal', () => {
    const { output, stdout, stderr } = recorder()
    output.outcome(outcome)
    expect(stdout()).toBe('the answer is 42\n')
    expect(stderr()).toBe('')
  })

  it('names commands to try next on a terminal', () => {
    const { output, stderr } = recorder({ colour: false }, true)
    output.outcome(outcome)
    expect(stderr()).toBe('next: vm doctor\n')
  })

  it('prints one JSON document with --json', () => {
    const { output, stdout } = recorder({ json: true })
    output.outcome(outcome)
    expect(JSON.parse(stdout())).toEqual({ answer: 42 })
  })

  it('prints a failure as two lines on stderr, and as a document with --json', () => {
    const { output, stdout, stderr } = recorder({ json: true })
    output.failure({ code: 'VM_USAGE', message: 'no', hint: 'yes' }, 2)
    expect(stderr()).toBe('vm: error: no [VM_USAGE]\nvm: hint: yes\n')
    expect(JSON.parse(stdout())).toEqual({
      error: { code: 'VM_USAGE', exitCode: 2, message: 'no', hint: 'yes' },
    })
  })

  it('indents what a message says in further lines', () => {
    const { output, stderr } = recorder()
    output.failure({ code: 'VM_FAILED', message: 'no\nbecause\nof this', hint: 'yes' }, 1)
    expect(stderr()).toBe('vm: error: no [VM_FAILED]\n    because\n    of this\nvm: hint: yes\n')
  })

  it('prints an answer and then why it is bad', () => {
    const { output, stdout, stderr } = recorder()
    output.outcome({ ...outcome, failure: { code: 'VM_NOT_VERIFIED', message: 'not verified' } })
    expect(stdout()).toBe('the answer is 42\n')
    expect(stderr()).toBe('vm: error: not verified [VM_NOT_VERIFIED]\n')
  })

  it('passes bytes through as they are', () => {
    const { output, stdout } = recorder({ json: true })
    output.outcome({ json: null, text: [], raw: new TextEncoder().encode('{"a":1}') })
    expect(stdout()).toBe('{"a":1}')
  })
})

describe('talk', () => {
  it('is said on stderr', () => {
    const { output, stdout, stderr } = recorder()
    output.say('step 1')
    expect([stdout(), stderr()]).toEqual(['', 'step 1\n'])
  })

  it('is not said with --quiet, while failures are', () => {
    const { output, stderr } = recorder({ quiet: true }, true)
    output.say('step 1')
    output.status('working')
    output.failure({ code: 'VM_FAILED', message: 'no' }, 1)
    expect(stderr()).not.toContain('step 1')
    expect(stderr()).not.toContain('working')
    expect(stderr()).toContain('no')
  })

  it('shows a status on a terminal alone, and takes it away before the next line', () => {
    const there = recorder({ colour: false }, true)
    there.output.status('working')
    there.output.say('done')
    expect(there.stderr()).toBe('working …\r\u001b[2Kdone\n')
    const absent = recorder()
    absent.output.status('working')
    expect(absent.stderr()).toBe('')
  })
})

describe('colours', () => {
  it('are shown on a terminal alone', () => {
    const there = recorder({}, true)
    there.output.outcome({ ...outcome, next: [] })
    expect(there.stdout()).toBe('the answer is \u001b[32m42\u001b[0m\n')
    const absent = recorder()
    absent.output.outcome(outcome)
    expect(absent.stdout()).toBe('the answer is 42\n')
  })

  it('are refused by --no-color, NO_COLOR, CLICOLOR=0 and TERM=dumb', () => {
    expect(wantsColour(false, {})).toBe(true)
    expect(wantsColour(true, {})).toBe(false)
    expect(wantsColour(false, { NO_COLOR: '1' })).toBe(false)
    expect(wantsColour(false, { NO_COLOR: '' })).toBe(true)
    expect(wantsColour(false, { CLICOLOR: '0' })).toBe(false)
    expect(wantsColour(false, { TERM: 'dumb' })).toBe(false)
  })

  it('never let outside text steer the terminal', () => {
    const { output, stdout, stderr } = recorder({}, true)
    const hostile = 'a\u001b]0;title\u0007b\u009b2Jc\u202ed\r\ne'
    output.outcome({ json: null, text: [hostile, toned('strong', hostile)] })
    output.say(hostile)
    output.failure({ code: 'VM_FAILED', message: hostile, hint: hostile }, 1)
    for (const printed of [stdout(), stderr()]) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colour escapes.
      const bare = printed.replace(/\u001b\[\d*m/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not be left.
      expect(bare).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e]/)
    }
  })
})
