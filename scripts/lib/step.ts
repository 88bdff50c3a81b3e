/** What `pnpm check` and CI run: named steps, each with one outcome. */
import { type RunOptions, run } from './run.ts'

/** How many checks ended how. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** How a step ended. `output` is shown where it failed, `notes` always. */
export interface Outcome {
  readonly ok: boolean
  readonly output: string
  readonly notes?: readonly string[]
  /** Where one step holds many checks (the tests); otherwise it counts as one. */
  readonly counts?: Counts
}

/** A named check of the repository. */
export interface Step {
  readonly name: string
  run(context: StepContext): Promise<Outcome>
}

/** What a step may use. */
export interface StepContext {
  /** Shows output of a long step as it comes. */
  readonly onOutput: (text: string) => void
}

/** A step that is one program, and holds where that ends with 0. */
export function program(
  name: string,
  command: readonly [string, ...string[]],
  options: RunOptions = {},
): Step {
  return { name, run: () => commandOutcome(command, options) }
}

/** The outcome of one program. */
export async function commandOutcome(
  [file, ...args]: readonly [string, ...string[]],
  options: RunOptions = {},
): Promise<Outcome> {
  const env = { NO_COLOR: '1', FORCE_COLOR: undefined, ...options.env }
  const { code, output } = await run(file, args, { ...options, env })
  return { ok: code === 0, output }
}

/** One outcome out of several named checks, of which each failed one is described. */
export function outcomeOf(
  checks: readonly { name: string; problem?: string | undefined }[],
): Outcome {
  const failed = checks.filter(({ problem }) => problem !== undefined)
  return {
    ok: failed.length === 0,
    output: failed.map(({ name, problem }) => `${name}: ${problem}`).join('\n'),
    counts: { passed: checks.length - failed.length, failed: failed.length, skipped: 0 },
  }
}

/** The outcome of a list of problems, which holds where it is empty. */
export function noneOf(problems: readonly string[], notes: readonly string[] = []): Outcome {
  return { ok: problems.length === 0, output: problems.join('\n'), notes }
}

/** The sum of counts. */
export function sum(all: readonly Counts[]): Counts {
  return {
    passed: all.reduce((total, { passed }) => total + passed, 0),
    failed: all.reduce((total, { failed }) => total + failed, 0),
    skipped: all.reduce((total, { skipped }) => total + skipped, 0),
  }
}

/** What an outcome counts for. A step that failed never counts as a pass, whatever it counted. */
export function countsOf(outcome: Outcome): Counts {
  const counts = outcome.counts ?? { passed: outcome.ok ? 1 : 0, failed: 0, skipped: 0 }
  return outcome.ok || counts.failed > 0 ? counts : { ...counts, failed: 1 }
}
