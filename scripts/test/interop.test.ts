import { expect, it } from 'vitest'
import { goTestCounts } from '../ci/interop.ts'

it('counts tests and subtests of go test -json, and no packages', () => {
  const events = [
    { Action: 'run', Package: 'p', Test: 'TestA' },
    { Action: 'output', Package: 'p', Test: 'TestA', Output: '--- FAIL: TestX\n' },
    { Action: 'pass', Package: 'p', Test: 'TestA/sub' },
    { Action: 'pass', Package: 'p', Test: 'TestA' },
    { Action: 'skip', Package: 'p', Test: 'TestB' },
    { Action: 'fail', Package: 'p', Test: 'TestC' },
    { Action: 'fail', Package: 'p' },
  ]
  const text = `go: downloading x\n${events.map((event) => JSON.stringify(event)).join('\n')}\n`
  expect(goTestCounts(text)).toEqual({ passed: 2, failed: 1, skipped: 1 })
})
