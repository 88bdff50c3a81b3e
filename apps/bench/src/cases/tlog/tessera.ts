/** Tessera's POSIX driver, through the small program in `peers/tessera`. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { TimedVariant } from '../../harness/case.ts'
import type { Absence } from '../../harness/result.ts'
import { tesseraPath } from '../../peers.ts'
import { expectedRoot } from './log.ts'

interface Answer {
  readonly nanoseconds?: readonly number[]
  readonly peakKiB?: number
  readonly size?: string
  readonly root?: string
}

/** The program, with one log. */
class Tessera {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #answers: AsyncIterator<string>

  constructor(path: string, directory: string, batch: number, length: number) {
    this.#child = spawn(path, [directory, `${batch}`, `${length}`])
    this.#child.stderr.resume()
    this.#answers = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async ask(line: string): Promise<Answer> {
    this.#child.stdin.write(`${line}\n`)
    const { value, done } = await this.#answers.next()
    if (done === true) throw new Error('tessera ended')
    return JSON.parse(value)
  }

  close(): void {
    this.#child.stdin.end()
  }
}

/** A variant that adds by Tessera, and how to end it; undefined where it was not built. */
export function tesseraVariant(options: {
  readonly name: string
  readonly directory: string
  readonly batch: number
  readonly length: number
  /** How many batches a round has. */
  readonly count: number
}): { variant: TimedVariant; close: () => void } | undefined {
  const path = tesseraPath()
  if (path === undefined) return undefined
  const { name, directory, batch, length, count } = options
  const tessera = new Tessera(path, directory, batch, length)
  return {
    variant: {
      kind: 'timed',
      name,
      role: 'peer',
      note: 'until its futures say that the entries are on the disk and integrated, which is more than *sequenced*; in Go, one batch at a time',
      async setup() {
        await tessera.ask('1')
        const { root, size } = await tessera.ask('root')
        if (root !== expectedRoot(Number(size), length)) throw new Error('Tessera has another root')
      },
      async run() {
        const { nanoseconds = [], peakKiB = 0 } = await tessera.ask(`${count}`)
        const samples = nanoseconds.map((each) => each / 1e6 / batch)
        return { samples, result: 'added', memory: { peak: peakKiB / 1024 } }
      },
    },
    close: () => tessera.close(),
  }
}

/** Why Tessera is not there. */
export const noTessera: Absence = {
  name: 'Tessera',
  why: 'not built: `pnpm bench --peers` builds it where Go is',
  missing: true,
}
