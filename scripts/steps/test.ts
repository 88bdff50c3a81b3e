/** The tests, with coverage. */
import { coverageRules } from '../coverage.ts'
import type { Outcome, StepContext } from '../lib/step.ts'
import { coverageReport, runTests } from '../lib/vitest.ts'
import { coverageByPart, coverageProblems, type FileCoverage, percent } from './coverage.ts'

/** The step. */
export async function test({ onOutput }: StepContext): Promise<Outcome> {
  const ran = await runTests({ node: process.execPath, args: ['--coverage'], onOutput })
  // Without passing tests the coverage says nothing, and no report may have been written.
  if (!ran.ok) return ran
  const parts = coverageByPart(coverageReport<FileCoverage>(), coverageRules)
  const problems = coverageProblems(parts)
  const notes = parts.map((part) => `${part.rule.name}: ${percent(part).toFixed(1)} % of lines`)
  return {
    ...ran,
    ok: problems.length === 0,
    output: problems.join('\n'),
    notes: [...(ran.notes ?? []), ...notes],
  }
}
