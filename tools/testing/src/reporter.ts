import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** What did not pass, and the first line of why. */
export interface TestFailure {
  /** The test's file and full name, the file alone, or `outside a test`. */
  readonly name: string
  readonly reason: string
}

/** How many tests ended how, and the full names of those that did not pass. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly failures: readonly TestFailure[]
  readonly skips: readonly string[]
}

function failure(name: string, errors: readonly unknown[]): TestFailure {
  const [error] = errors
  const isError = typeof error === 'object' && error !== null && 'message' in error
  const [reason = ''] = String(isError ? error.message : error).split('\n')
  return { name, reason: reason.slice(0, 300) }
}

function count(modules: readonly TestModule[], unhandled: readonly unknown[]): TestCounts {
  let passed = 0
  const failures: TestFailure[] = []
  const skips: string[] = []
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state, errors = [] } = test.result()
      const name = `${module.relativeModuleId} > ${test.fullName}`
      if (state === 'passed') passed += 1
      else if (state === 'failed') failures.push(failure(name, errors))
      else skips.push(name)
    }
    // A file that can't be loaded holds no test, yet it is a failure.
    if (module.state() === 'failed' && module.errors().length > 0) {
      failures.push(failure(module.relativeModuleId, module.errors()))
    }
  }
  for (const error of unhandled) failures.push(failure('outside a test', [error]))
  return { passed, failed: failures.length, skipped: skips.length, failures, skips }
}

/**
 * Ends the run with one plain line that any CI can read: `N passed, N failed, N skipped`. Writes
 * the counts, with names, as JSON to the file that `VAULTMESH_COUNTS` names, if it does.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const counts = count(modules, unhandled)
    const path = process.env['VAULTMESH_COUNTS']
    if (path !== undefined && path !== '') {
      writeFileSync(path, JSON.stringify(counts))
    }
    process.stdout.write(
      `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
    )
  }
}
