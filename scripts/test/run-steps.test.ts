import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readBudgets } from '../lib/budgets.ts'
import { runSteps } from '../lib/run-steps.ts'
import type { Outcome, Step } from '../lib/step.ts'
import { root } from '../lib/workspace.ts'
import { steps } from '../steps/index.ts'

async function play(
  given: readonly Step[],
  budgets: [string, number][] = [],
): Promise<{ text: string; counts: object; failed: readonly string[] }> {
  let text = ''
  let clock = 0
  const result = await runSteps(given, {
    write: (more) => {
      text += more
    },
    now: () => {
      clock += 1000
      return clock
    },
    budgets: new Map(budgets),
    verbose: false,
  })
  return { text, ...result }
}

const step = (name: string, outcome: Partial<Outcome>): Step => ({
  name,
  run: async () => ({ ok: true, output: '', ...outcome }),
})

it('runs every step, also after one failed, and shows only what failed', async () => {
  const { text, counts, failed } = await play([
    step('one', { output: 'chatter' }),
    step('two', { ok: false, output: '3 passed, 0 failed\nbecause\n' }),
    step('three', { notes: ['noted'], counts: { passed: 5, failed: 0, skipped: 2 } }),
  ])
  expect(text.split('\n')).toEqual([
    'ok    one                       1.0 s',
    'FAIL  two                       1.0 s',
    '│ 3 passed, 0 failed',
    '│ because',
    'ok    three                     1.0 s',
    '      noted',
    '',
  ])
  expect(counts).toEqual({ passed: 6, failed: 1, skipped: 2 })
  expect(failed).toEqual(['two'])
})

it('counts a step that could not do its work as failed', async () => {
  const broken: Step = { name: 'broken', run: () => Promise.reject(new Error('no such program')) }
  const { text, failed } = await play([broken])
  expect(text).toContain('│ no such program')
  expect(failed).toEqual(['broken'])
})

it('counts a failure even where every counted check passed', async () => {
  const { counts } = await play([
    step('coverage', { ok: false, counts: { passed: 9, failed: 0, skipped: 0 } }),
  ])
  expect(counts).toEqual({ passed: 9, failed: 1, skipped: 0 })
})

it('warns of a step over its budget, and does not fail', async () => {
  const { text, failed } = await play([step('slow', {})], [['slow', 0]])
  expect(text).toContain('ok    slow                      1.0 s of 0 s\nwarn  slow took longer')
  expect(failed).toEqual([])
})

it('has a budget in CONTRIBUTING.md for every step, and no other', () => {
  const budgets = readBudgets(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8'))
  expect([...budgets.keys()]).toEqual(steps.map(({ name }) => name))
})
