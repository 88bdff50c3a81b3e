/** Runs steps one after another and says how each ended and how long it took. */
import { type Counts, countsOf, type Outcome, type Step, sum } from './step.ts'

/** Where the words go, and what the clock says in milliseconds. */
export interface Surroundings {
  readonly write: (text: string) => void
  readonly now: () => number
  readonly budgets: ReadonlyMap<string, number>
  /** Shows the output of every step as it comes, not only of those that failed. */
  readonly verbose: boolean
}

/** How the steps ended: the sum of their checks, and the names of those that failed. */
export interface Result {
  readonly counts: Counts
  readonly failed: readonly string[]
}

async function outcome(step: Step, onOutput: (text: string) => void): Promise<Outcome> {
  try {
    return await step.run({ onOutput })
  } catch (error) {
    // A step that could not do its work has not shown what it should.
    return { ok: false, output: error instanceof Error ? error.message : String(error) }
  }
}

/** Every line with a bar before it, so that no line of a step's output looks like one of ours. */
function barred(text: string): string {
  return text.replace(/\n$/, '').replaceAll(/^/gm, '│ ')
}

/** Runs all steps, also after one failed. */
export async function runSteps(
  steps: readonly Step[],
  { write, now, budgets, verbose }: Surroundings,
): Promise<Result> {
  const counts: Counts[] = []
  const failed: string[] = []
  for (const step of steps) {
    const before = now()
    const {
      ok,
      output,
      notes = [],
      ...rest
    } = await outcome(step, (text) => {
      if (verbose) write(`${barred(text)}\n`)
    })
    const seconds = (now() - before) / 1000
    const budget = budgets.get(step.name)
    const limit = budget === undefined ? '' : ` of ${budget} s`
    write(`${ok ? 'ok  ' : 'FAIL'}  ${step.name.padEnd(24)}  ${seconds.toFixed(1)} s${limit}\n`)
    for (const note of notes) write(`      ${note}\n`)
    if (budget !== undefined && seconds > budget) {
      write(`warn  ${step.name} took longer than its budget in CONTRIBUTING.md\n`)
    }
    if (!ok) {
      failed.push(step.name)
      if (output.trim() !== '') write(`${barred(output)}\n`)
    }
    counts.push(countsOf({ ok, output, ...rest }))
  }
  return { counts: sum(counts), failed }
}
