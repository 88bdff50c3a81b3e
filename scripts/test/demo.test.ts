import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { demoProblems } from '../lib/demo.ts'
import { root } from '../lib/workspace.ts'

/** The names of the steps, as the demo declares them. */
const source = readFileSync(join(root, 'apps/cli/src/demo/step-ids.ts'), 'utf8')
const ids = [...source.matchAll(/^ {2}'([a-z]+)',$/gm)].map(([, id]) => id ?? '')

const lines = ids.map((id, at) => `\u2713 ${at + 1}/${ids.length} ${id}: something 1.2 s`)
const whole = [...lines, 'Done in 60.0 s', 'Nothing was left behind.', ''].join('\n')

it('is content with all steps of the demo, in time', () => {
  expect(ids.length).toBeGreaterThan(0)
  expect(demoProblems(whole, 120, true)).toEqual([])
})

it('misses a step, the end, and the time', () => {
  expect(demoProblems(whole.replace(lines[1] ?? '', ''), 120, true)).toEqual([
    `the demo has not taken the step ${ids[1]}`,
  ])
  expect(demoProblems(lines.join('\n'), 120, true)).toEqual([
    'the demo does not say that it is done',
  ])
  expect(demoProblems(whole, 181, true)).toEqual(['it took 181 s, and the README promises 180 s'])
})

it('takes a step that was skipped only where something may be missing', () => {
  const without = whole.replace('\u2713 11/11', '- 11/11')
  expect(demoProblems(without, 120, false)).toEqual([])
  expect(demoProblems(without, 120, true)).toEqual(['the demo has skipped the step page'])
})

it('does not overlook a step that is new', () => {
  const more = `${whole}\u2713 12/12 dance: something 1.2 s\n`
  expect(demoProblems(more, 120, true)).toEqual([
    'the demo has a step dance that nothing here knows of',
  ])
})
