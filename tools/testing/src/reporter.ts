import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

/** How many tests ended how, and the full names of those that did not pass. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly failures: readonly string[]
  readonly skips: readonly string[]
}

function count(modules: readonly TestModule[]): TestCounts {
  let passed = 0
  const failures: string[] = []
  const skips: string[] = []
  for (const module of modules) {
    for (const test of module.children.allTests()) {
      const { state } = test.result()
      const name = `${module.relativeModuleId} > ${test.fullName}`
      if (state === 'passed') passed += 1
      else if (state === 'failed') failures.push(name)
      else skips.push(name)
    }
    // A file that can't be loaded holds no test, yet it is a failure.
    if (module.state() === 'failed' && module.errors().length > 0) {
      failures.push(module.relativeModuleId)
    }
  }
  return { passed, failed: failures.length, skipped: skips.length, failures, skips }
}

/**
 * Ends the run with one plain line that any CI can read: `N passed, N failed, N skipped`. Writes
 * the counts, with names, as JSON to the file that `VAULTMESH_COUNTS` names, if it does.
 */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const counts = count(modules)
    const failed = counts.failed + unhandled.length
    const path = process.env['VAULTMESH_COUNTS']
    if (path !== undefined && path !== '') {
      writeFileSync(path, JSON.stringify({ ...counts, failed }))
    }
    process.stdout.write(`${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped\n`)
  }
}
