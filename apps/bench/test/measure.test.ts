import { existsSync } from 'node:fs'
import { itWith } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import type { BenchCase, CallVariant, Prepared, TimedVariant } from '../src/harness/case.ts'
import { startLauncher } from '../src/harness/launcher.ts'
import { measureCase, measureMemory } from '../src/harness/measure.ts'

const call = (name: string, run: () => unknown, more: Partial<CallVariant> = {}): CallVariant => ({
  kind: 'call',
  name,
  role: 'peer',
  run,
  result: String,
  ...more,
})

const timed = (name: string, run: TimedVariant['run']): TimedVariant => ({
  kind: 'timed',
  name,
  role: 'ours',
  run,
})

const caseOf = (prepared: Omit<Prepared, 'input'>): BenchCase => ({
  title: 'a case',
  prepare: async () => ({ input: 'something', ...prepared }),
})

describe('a case', () => {
  it('is not timed where two variants give different results', async () => {
    let calls = 0
    const wrong = caseOf({
      variants: [
        call('right', () => 42),
        call('wrong', () => {
          calls += 1
          return 41
        }),
      ],
    })
    await expect(measureCase('x/y', wrong, 'smoke')).rejects.toThrow(
      'wrong gives 41, and right gives 42',
    )
    expect(calls).toBe(1)
  })

  it('holds promises to the same result, and notices where a later round differs', async () => {
    let round = 0
    const drifting = timed('drifting', async () => {
      round += 1
      return { samples: [1], result: round < 3 ? 'done' : 'broken' }
    })
    const variants = [call('steady', async () => 'done'), drifting]
    await expect(measureCase('x/y', caseOf({ variants, rounds: 5 }), 'normal')).rejects.toThrow(
      'drifting gives broken',
    )
  })

  it('lets the variants take turns: each once per round, in changing order', async () => {
    const turns: string[] = []
    const variants = ['a', 'b', 'c'].map((name) =>
      timed(name, async () => {
        turns.push(name)
        return { samples: [turns.length, turns.length], result: 'done' }
      }),
    )
    const result = await measureCase('x/y', caseOf({ variants, rounds: 6 }), 'normal')
    // The first of each is the warm-up.
    const rounds = Array.from({ length: 6 }, (_, i) => turns.slice(3 + 3 * i, 6 + 3 * i))
    expect(rounds.map((round) => round.toSorted().join(''))).toEqual(Array(6).fill('abc'))
    expect(new Set(rounds.map((round) => round.join(''))).size).toBeGreaterThan(1)
    expect(result.variants.map(({ samples, perRound }) => [samples.length, perRound])).toEqual(
      Array(3).fill([12, 2]),
    )
    expect(result).toMatchObject({ id: 'x/y', title: 'a case', subject: 'a' })
  })

  it('prepares each sample, and calls once where that is asked for', async () => {
    const order: string[] = []
    const variant = call('one', () => order.push('run'), {
      single: true,
      setup: () => void order.push('setup'),
      before: () => void order.push('before'),
      result: () => 'done',
    })
    const result = await measureCase('x/y', caseOf({ variants: [variant], rounds: 4 }), 'normal')
    expect(order[0]).toBe('setup')
    expect(order.slice(1).join(' ')).toMatch(/^(before run ?)+$/)
    expect(result.variants[0]).toMatchObject({ callsPerSample: 1, perRound: 1 })
    expect(result.variants[0]?.samples).toHaveLength(4)
  })

  it('times many calls together where one is too short', async () => {
    const quick = caseOf({ variants: [call('quick', () => 1)], rounds: 2 })
    const result = await measureCase('x/y', quick, 'normal')
    expect(result.variants[0]?.callsPerSample).toBeGreaterThan(10)
  })

  it('has a folder, which is gone afterwards, also when it fails', async () => {
    let folder = ''
    let isClosed = false
    const failing: BenchCase = {
      title: 'a case',
      async prepare({ directory }) {
        folder = directory
        expect(existsSync(folder)).toBe(true)
        const variants = [
          call('bad', () => {
            throw new Error('it broke')
          }),
        ]
        return {
          input: '',
          variants,
          dispose() {
            isClosed = true
          },
        }
      },
    }
    await expect(measureCase('x/y', failing, 'smoke')).rejects.toThrow('it broke')
    expect(isClosed).toBe(true)
    expect(existsSync(folder)).toBe(false)
  })
})

it('memory is what a function held, beyond what was there', async () => {
  const variants = [
    call('greedy', () => Buffer.alloc(96 * 2 ** 20, 1).length, { result: () => 'done' }),
  ]
  const { base, peak } = await measureMemory('x/y', caseOf({ variants }), 'smoke', 'greedy')
  expect(peak - (base ?? peak)).toBeGreaterThan(60)
  await expect(measureMemory('x/y', caseOf({ variants }), 'smoke', 'other')).rejects.toThrow(
    'other',
  )
})

describe('the launcher', () => {
  const env = { PATH: process.env['PATH'] ?? '' }
  const node = (script: string) => ({
    command: [process.execPath, '-e', script] as const,
    cwd: import.meta.dirname,
    env,
  })

  it('gives exit code, both outputs and the time until the end', async () => {
    const launcher = startLauncher()
    const ended = await launcher.run(
      node('console.log(process.cwd()); console.error("oh"); process.exitCode = 3'),
    )
    const failed = launcher.run({ ...node(''), command: ['/nonexistent/program'] })
    await expect(failed).rejects.toThrow('/nonexistent/program')
    expect(await launcher.run(node(''))).toMatchObject({ code: 0, output: '' })
    launcher.close()
    expect(ended.code).toBe(3)
    expect(ended.output).toContain(import.meta.dirname)
    expect(ended.output).toContain('oh')
    expect(ended.wall).toBeGreaterThan(0)
  })

  itWith(['python3'], 'gives what the system accounted for each program, not for all', async () => {
    const launcher = startLauncher()
    const large = await launcher.run(node('Buffer.alloc(2 ** 28, 1)'))
    const small = await launcher.run(node(''))
    launcher.close()
    expect(large.peak).toBeGreaterThan(256)
    expect(small.peak).toBeLessThan(large.peak ?? 0)
    expect((small.user ?? 0) + (small.system ?? 0)).toBeGreaterThan(0)
  })
})
