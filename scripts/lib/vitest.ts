/** Runs the tests and reads how they ended from a file, not from what is printed. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.ts'
import type { Outcome } from './step.ts'
import { readJson, root } from './workspace.ts'

/** How a test run is started. */
export interface TestRun {
  /** The Node binary. */
  readonly node: string
  /** Arguments of `vitest run`: filters and options. */
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly onOutput: (text: string) => void
}

/** A test that failed: its file and full name, and the first line of why. */
interface TestFailure {
  readonly name: string
  readonly reason: string
}

/** How a test run ended. */
export interface TestOutcome extends Outcome {
  readonly failures: readonly TestFailure[]
}

interface Written {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly failures: readonly TestFailure[]
  readonly skips: readonly string[]
}

/** How many failures are named beside a step's result; the rest stand in its output. */
const maxNamed = 20

/**
 * Runs the tests. Fails where a test failed, where none ran, and, with `VAULTMESH_REQUIRE=all`,
 * where one was skipped: a check that is meant to run must not vanish.
 */
export async function runTests({ node, args, env, onOutput }: TestRun): Promise<TestOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'vaultmesh-counts-'))
  try {
    const counts = join(folder, 'counts.json')
    const program = join(root, 'node_modules/vitest/vitest.mjs')
    const { code, output } = await run(node, [program, 'run', ...args], {
      env: { ...env, VAULTMESH_COUNTS: counts },
      onOutput,
    })
    const written = readJson<Written>(counts)
    const strict = process.env['VAULTMESH_REQUIRE'] === 'all'
    const skips = written.skips.map((name) => `skipped: ${name}`)
    const vanished = strict ? written.skipped : 0
    const failures = written.failures.map(({ name, reason }) => `failed: ${name}: ${reason}`)
    const ok = code === 0 && written.passed > 0 && vanished === 0
    return {
      ok,
      failures: written.failures,
      output: [output, ...(strict ? skips : [])].join('\n'),
      // Before the long output, which whoever shows it may cut.
      notes: [...failures.slice(0, maxNamed), ...(strict ? [] : skips)],
      counts: {
        passed: written.passed,
        failed: written.failed + vanished,
        skipped: written.skipped - vanished,
      },
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Reads the coverage report of the last run. */
export function coverageReport<T>(): T[] {
  const path = join(root, 'coverage/coverage-final.json')
  return Object.values(JSON.parse(readFileSync(path, 'utf8')) as Record<string, T>)
}
