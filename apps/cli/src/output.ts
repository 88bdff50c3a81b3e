/**
 * The one module that decides what is printed, where, and how.
 *
 * Data goes to stdout and talk to stderr. With `--json`, stdout is exactly one JSON document,
 * whatever happens: the data, or `{"error": ...}`; the lines for people stay on stderr.
 */
import type { Failure, Json, Outcome, Talk } from './command.ts'
import { type Line, printable, type Span, type Tone } from './text.ts'

/** What this module needs of a stream. */
export interface Sink {
  readonly isTTY?: boolean
  /** The width of a terminal. */
  readonly columns?: number
  write(data: string | Uint8Array): unknown
}

/** What the caller chose. */
export interface OutputSettings {
  readonly json: boolean
  readonly quiet: boolean
  /** False where an option or the environment forbids colours. */
  readonly colour: boolean
}

const escapes: Record<Tone, string> = {
  good: '32',
  bad: '31',
  warn: '33',
  strong: '1',
  dim: '2',
}

/** Whether colours are wanted: `--no-color`, `NO_COLOR`, `CLICOLOR=0` and `TERM=dumb` say no. */
export function wantsColour(
  noColour: boolean,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  const noColourVariable = env['NO_COLOR'] ?? ''
  return !noColour && noColourVariable === '' && env['CLICOLOR'] !== '0' && env['TERM'] !== 'dumb'
}

/** Prints for one run of `vm`. */
export class Output implements Talk {
  readonly #settings: OutputSettings
  readonly #stdout: Sink
  readonly #stderr: Sink
  #statusShown = false

  constructor(settings: OutputSettings, stdout: Sink, stderr: Sink) {
    this.#settings = settings
    this.#stdout = stdout
    this.#stderr = stderr
  }

  say(line: Line): void {
    if (!this.#settings.quiet) this.#line(this.#stderr, line)
  }

  status(text: string): void {
    if (this.#settings.quiet || this.#stderr.isTTY !== true) return
    this.#clearStatus()
    // A line that wraps could not be taken away again.
    const shown = text.slice(0, (this.#stderr.columns ?? 80) - 3)
    this.#stderr.write(this.#render(this.#stderr, [{ tone: 'dim', text: `${shown} …` }]))
    this.#statusShown = true
  }

  step(text: string): void {
    if (this.#stderr.isTTY === true) this.status(text)
    else this.say(text)
  }

  /** Prints what a command hands back. */
  outcome(outcome: Outcome): void {
    this.#clearStatus()
    if (outcome.raw !== undefined) {
      this.#stdout.write(outcome.raw)
    } else if (this.#settings.json) {
      this.#document(outcome.json)
    } else {
      for (const line of outcome.text) this.#line(this.#stdout, line)
    }
    if (outcome.failure !== undefined) {
      this.#failureLines(outcome.failure)
    } else if (outcome.next !== undefined && this.#stderr.isTTY === true) {
      for (const command of outcome.next) this.say([{ tone: 'dim', text: 'next: ' }, command])
    }
  }

  /** Prints a failure: `vm: error: …` and `vm: hint: …`, and nothing else for people. */
  failure(failure: Failure, exitCode: number): void {
    this.#clearStatus()
    this.#failureLines(failure)
    if (this.#settings.json) {
      const { code, message, hint } = failure
      this.#document({ error: { code, exitCode, hint, message } })
    }
  }

  /** Prints where a failure came from, for those who look for a bug. */
  stack(text: string): void {
    for (const line of text.split('\n')) this.#line(this.#stderr, line)
  }

  #failureLines({ code, message, hint }: Failure): void {
    const [first = '', ...more] = message.split('\n')
    const error = { tone: 'bad', text: 'error' } as const
    this.#line(this.#stderr, ['vm: ', error, `: ${first} `, { tone: 'dim', text: `[${code}]` }])
    for (const line of more) this.#line(this.#stderr, `    ${line}`)
    if (hint !== undefined) {
      this.#line(this.#stderr, ['vm: ', { tone: 'warn', text: 'hint' }, `: ${hint}`])
    }
  }

  #document(json: Json): void {
    this.#stdout.write(`${JSON.stringify(json, null, 2)}\n`)
  }

  #line(sink: Sink, line: Line): void {
    this.#clearStatus()
    const spans: readonly Span[] =
      typeof line === 'string' || !Array.isArray(line) ? [line as Span] : line
    sink.write(`${this.#render(sink, spans)}\n`)
  }

  #render(sink: Sink, spans: readonly Span[]): string {
    const coloured = this.#settings.colour && sink.isTTY === true
    return spans
      .map((span) => {
        if (typeof span === 'string') return printable(span)
        const text = printable(span.text)
        return coloured ? `\u001b[${escapes[span.tone]}m${text}\u001b[0m` : text
      })
      .join('')
  }

  #clearStatus(): void {
    if (!this.#statusShown) return
    this.#statusShown = false
    this.#stderr.write('\r\u001b[2K')
  }
}
