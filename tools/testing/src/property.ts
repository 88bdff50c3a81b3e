import { defaultReportMessage, type RunDetails } from 'fast-check'

/** The variables that steer property tests. */
interface PropertyEnvironment {
  readonly VAULTMESH_SEED?: string | undefined
  readonly VAULTMESH_RUNS?: string | undefined
}

function wholeNumber(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined || text === '') return fallback
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`${name} must be a whole number, got "${text}"`)
  return value
}

/**
 * The seed and run count for every property test.
 *
 * Without `VAULTMESH_SEED` the seed is new each time; a property that fails prints it. Set it again
 * to see the same failure.
 */
export function propertyParameters(env: PropertyEnvironment): { seed: number; numRuns: number } {
  return {
    seed: wholeNumber('VAULTMESH_SEED', env.VAULTMESH_SEED, Date.now() | 0),
    numRuns: wholeNumber('VAULTMESH_RUNS', env.VAULTMESH_RUNS, 100),
  }
}

/** The test that is running: its file, relative to the repository, and its full name (`a > b`). */
export interface RunningTest {
  readonly file: string
  readonly name: string
}

/** `'...'` for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/**
 * What a failed property says: fast-check's own report (counterexample, error), then the seed, the
 * path to the smallest failing case, and the command that runs the same failure again. Undefined
 * for a property that held.
 */
export function failureReport<T>(
  details: RunDetails<T>,
  test: RunningTest | undefined,
): string | undefined {
  const report = defaultReportMessage(details)
  if (report === undefined) return undefined
  const { seed, counterexamplePath: path, runConfiguration } = details
  const runs = runConfiguration.numRuns ?? details.numRuns
  const only = test === undefined ? '' : ` ${test.file} -t ${quoted(patternOf(test.name))}`
  return [
    report,
    '',
    `seed: ${seed}  path: ${path ?? '(none)'}`,
    `rerun: VAULTMESH_SEED=${seed} VAULTMESH_RUNS=${runs} npx -y pnpm@12 test${only}`,
    ...(path === null
      ? []
      : [`or give this property { seed: ${seed}, path: '${path}' } to start at the failing case`]),
  ].join('\n')
}

/** A test name as the regular expression that vitest's `-t` takes. */
function patternOf(name: string): string {
  return name.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
