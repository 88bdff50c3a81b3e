/** The programs in `interop/` that read what we write. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '../lib/run.ts'
import { type Counts, type Outcome, program, type Step } from '../lib/step.ts'
import { root } from '../lib/workspace.ts'

interface GoEvent {
  readonly Action: string
  readonly Package?: string
  readonly Test?: string
  readonly Output?: string
}

/** Counts the tests, subtests included, in what `go test -json` wrote. */
export function goTestCounts(json: string): Counts {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for (const line of json.split('\n')) {
    if (!line.startsWith('{')) continue
    const { Action: action, Test: test } = JSON.parse(line) as GoEvent
    if (test === undefined) continue
    if (action === 'pass') counts.passed += 1
    if (action === 'fail') counts.failed += 1
    if (action === 'skip') counts.skipped += 1
  }
  return counts
}

async function goTest(folder: string): Promise<Outcome> {
  // Not cached: Go does not see that files outside the module changed, as the golden vectors are.
  const test = ['test', '-count=1', '-json', './...']
  const { code, output, stdout } = await run('go', test, { cwd: folder })
  const counts = goTestCounts(stdout)
  // A skipped test fails here: CI has all that they need.
  const ok = code === 0 && counts.passed > 0 && counts.skipped === 0
  return {
    ok,
    output,
    counts: { ...counts, failed: counts.failed + counts.skipped, skipped: 0 },
  }
}

/** `go vet` and `go test` for each Go module in `interop/`. */
export function interopSteps(): Step[] {
  const folder = join(root, 'interop')
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'go.mod')))
    .flatMap((name) => {
      const cwd = join(folder, name)
      return [
        program(`go vet ${name}`, ['go', 'vet', './...'], { cwd }),
        { name: `go test ${name}`, run: () => goTest(cwd) },
      ]
    })
}
