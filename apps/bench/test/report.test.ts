import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { areas, findCase } from '../src/cases/index.ts'
import type { AreaResult, CaseResult, VariantResult } from '../src/harness/result.ts'
import { explanations } from '../src/report/explanations.ts'
import { encodeArea, readAreas } from '../src/report/files.ts'
import { duration, significant, table } from '../src/report/format.ts'
import { growthPlots, growthTable } from '../src/report/growth.ts'
import { page } from '../src/report/page.ts'
import { drawPlot } from '../src/report/plot.ts'
import { caseTable } from '../src/report/tables.ts'
import { judge, type Target, targets } from '../src/report/targets.ts'

const root = join(import.meta.dirname, '../../..')

const variant = (
  name: string,
  samples: readonly number[],
  more: Partial<VariantResult> = {},
): VariantResult => ({
  name,
  role: name === 'ours' ? 'ours' : 'peer',
  kind: 'call',
  samples,
  perRound: 1,
  callsPerSample: 1,
  ...more,
})

const caseResult = (
  id: string,
  variants: readonly VariantResult[],
  more: Partial<CaseResult> = {},
): CaseResult => ({
  id,
  title: 'A job',
  input: 'Some input.',
  subject: variants[0]?.name ?? '',
  variants,
  absent: [],
  notes: [],
  figures: [],
  load: [0.1, 0.2],
  seconds: 3,
  ...more,
})

const area = (name: string, cases: readonly CaseResult[]): AreaResult => ({
  area: name,
  command: `pnpm bench ${name}`,
  measuredAt: '2026-11-23T10:00:00Z',
  commit: '0123456789ab',
  machine: {
    cpu: 'A CPU',
    cores: 2,
    memoryGiB: 8,
    system: 'Linux',
    fileSystem: 'ext4',
    versions: { Node: '24.0.0' },
  },
  cases,
  absent: [{ name: 'x/other', why: 'no gpg here' }],
})

describe('numbers', () => {
  it.each([
    [0.000_12, '120 ns'],
    [0.012_34, '12.3 µs'],
    [12.34, '12.3 ms'],
    [123_456, '123 s'],
    [1_234_567, '1,230 s'],
  ])('%d ms reads %s', (ms, text) => {
    expect(duration(ms)).toBe(text)
  })

  it('that are none read as a dash', () => {
    expect(significant(Number.NaN)).toBe('–')
  })

  it('and texts stay in their cells', () => {
    expect(table(['a'], [['b|c\nd']])).toBe('| a |\n|---|\n| b\\|c d |')
  })
})

describe('a target', () => {
  const target = (kind: 'speedup' | 'cost' | 'extra', bound: number): Target => ({
    id: 't',
    job: 'a job',
    goal: 'a goal',
    measure: { case: 'x/y', ours: 'ours', other: 'other', kind, bound },
  })
  const results = (ours: readonly number[], other: readonly number[]) => [
    area('x', [caseResult('x/y', [variant('ours', ours), variant('other', other)])]),
  ]
  const ten = [10, 10, 10, 10]

  it.each([
    ['speedup', 4, [2, 2, 2, 2], ten, 'met'],
    ['speedup', 6, [2, 2, 2, 2], ten, 'missed'],
    ['speedup', 5, [1, 2, 2, 9], ten, 'uncertain'],
    ['cost', 1.5, [14, 14, 14, 14], ten, 'met'],
    ['cost', 1.5, [16, 16, 16, 16], ten, 'missed'],
    ['cost', 1.5, [1, 14, 14, 99], ten, 'uncertain'],
    ['extra', 10, [19, 19, 19, 19], ten, 'met'],
    ['extra', 10, [21, 21, 21, 21], ten, 'missed'],
  ] as const)('%s %d with %j beside %j is %5$s', (kind, bound, ours, other, standing) => {
    expect(judge(target(kind, bound), results(ours, other)).standing).toBe(standing)
  })

  it.each([
    [2000, [1, 1, 1, 1], 'met', '2,000/s [2,000, 2,000]'],
    [2001, [1, 1, 1, 1], 'missed', '2,000/s [2,000, 2,000]'],
    [2000, [0.5, 1, 1, 4], 'uncertain', '2,000/s [500, 4,000]'],
  ])(
    'rate of %d items a second, with %j for two of them, is %s',
    (bound, ours, standing, measured) => {
      const one: Target = {
        id: 't',
        job: 'a job',
        goal: 'a goal',
        measure: { case: 'x/y', ours: 'ours', kind: 'rate', bound },
      }
      const items = { count: 2, name: 'decisions' }
      const results = [area('x', [caseResult('x/y', [variant('ours', ours)], { items })])]
      expect(judge(one, results)).toMatchObject({ standing, measured })
      expect(judge(one, [])).toMatchObject({ standing: 'not measured' })
    },
  )

  it('is met where the case that fails without it has shown it', () => {
    const shown: Target = {
      id: 't',
      job: 'a job',
      goal: 'a goal',
      measure: { case: 'x/y', kind: 'shown', figure: 'bytes' },
    }
    const figures = [{ name: 'bytes', value: '7 bytes' }]
    const seen = [area('x', [caseResult('x/y', [], { figures })])]
    expect(judge(shown, seen)).toMatchObject({ standing: 'met', measured: '7 bytes' })
    const unseen = [area('x', [caseResult('x/y', [])])]
    expect(judge(shown, unseen)).toMatchObject({ standing: 'not measured' })
  })

  it('is not measured without its case or its peer, and says why', () => {
    expect(judge(target('cost', 1), [])).toMatchObject({ standing: 'not measured' })
    const absent = [{ name: 'other', why: 'no gpg here' }]
    const alone = [area('x', [caseResult('x/y', [variant('ours', [1])], { absent })])]
    expect(judge(target('cost', 1), alone)).toMatchObject({
      standing: 'not measured',
      measured: 'no gpg here',
    })
  })

  it('is planned where nothing can measure it', () => {
    expect(judge({ id: 't', job: 'a job', goal: 'a goal' }, [])).toMatchObject({
      standing: 'planned',
    })
  })
})

describe('the targets', () => {
  it('name cases that exist, and have different ids', () => {
    for (const { measure } of targets) {
      if (measure !== undefined) expect(findCase(measure.case).id).toBe(measure.case)
    }
    expect(new Set(targets.map(({ id }) => id)).size).toBe(targets.length)
  })

  it('are all that is explained', () => {
    const ids = targets.map(({ id }) => id)
    expect(Object.keys(explanations).filter((id) => !ids.includes(id))).toEqual([])
  })
})

describe('a case table', () => {
  it('gives median, p95, spread, rate, ratio with interval, memory and samples', () => {
    const variants = [
      variant('ours', [1, 1, 1], { memory: { peak: 90, base: 80 }, callsPerSample: 7 }),
      variant('other', [4, 4, 4], { memory: { peak: 99 }, cpu: 3 }),
    ]
    const items = { count: 5, name: 'leaves' }
    expect(caseTable(caseResult('x/y', variants, { items }))).toBe(
      [
        '| y | median | p95 | spread | leaves | time beside ours | processor | peak memory | samples |',
        '|---|---|---|---|---|---|---|---|---|',
        '| ours | 1 ms | 1 ms | 0 % | 5,000/s | 1 | – | 90 MiB (80 before) | 3 × 7 |',
        '| other | 4 ms | 4 ms | 0 % | 1,250/s | 4× [4, 4] | 3 ms | 99 MiB | 3 |',
      ].join('\n'),
    )
  })

  it('gives p99 where there are enough samples', () => {
    const many = Array.from({ length: 100 }, (_, i) => i + 1)
    const variants = [variant('ours', many, { perRound: 10 }), variant('other', Array(10).fill(1))]
    const rows = caseTable(caseResult('x/y', variants)).split('\n')
    expect(rows[0]).toContain('| p99 |')
    expect(rows[2]).toContain('| 99 ms |')
    expect(rows[3]).toContain('| – |')
  })
})

describe('growth', () => {
  const grown = area('growth', [
    caseResult('growth/1000', [variant('build', [2]), variant('append', [1])]),
    caseResult('growth/10000', [variant('build', [20]), variant('append', [1])]),
  ])

  it('is a table by size and job', () => {
    expect(growthTable(grown).split('\n').slice(2)).toEqual([
      '| 1,000 | 2 ms | – | 1 ms | – |',
      '| 10,000 | 20 ms | – | 1 ms | – |',
    ])
  })

  it('is plotted, whole logs apart from single entries', () => {
    const plots = growthPlots(grown)
    expect([...plots.keys()]).toEqual(['growth-whole.svg', 'growth-single.svg'])
    expect(plots.get('growth-whole.svg')).toContain('build the tree')
    expect(growthPlots(area('growth', [])).size).toBe(0)
  })
})

describe('a plot', () => {
  const plot = {
    title: 'a < b & c',
    xTitle: 'size',
    yTick: duration,
    lines: [
      { name: 'one', points: [[10, 1] as const, [1000, 100] as const] },
      { name: 'two', points: [[10, 1] as const, [1000, 99] as const] },
    ],
  }
  const numbers = (svg: string, pattern: RegExp) =>
    [...svg.matchAll(pattern)].map(([, ...found]) => found.map(Number))

  it('has every point within the picture, further right and up for more', () => {
    const dots = numbers(drawPlot(plot), /<circle [^>]*cx="([\d.]+)" cy="([\d.]+)"/g)
    expect(dots).toHaveLength(4)
    const [[x1 = 0, y1 = 0] = [], [x2 = 0, y2 = 0] = []] = dots
    expect(x2).toBeGreaterThan(x1)
    expect(y2).toBeLessThan(y1)
    for (const [x = 0, y = 0] of dots) {
      expect(x).toBeGreaterThanOrEqual(0)
      expect(x).toBeLessThan(720)
      expect(y).toBeGreaterThanOrEqual(0)
      expect(y).toBeLessThan(420)
    }
  })

  it('keeps names of close lines apart', () => {
    const labels = numbers(drawPlot(plot), /<text [^>]*y="([\d.]+)"[^>]*>(?:one|two)</g).flat()
    expect(Math.abs((labels[0] ?? 0) - (labels[1] ?? 0))).toBeGreaterThanOrEqual(16)
  })

  it('is readable on dark pages, and quotes what stands in it', () => {
    const svg = drawPlot(plot)
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg).toContain('a &lt; b &amp; c')
    expect(svg).not.toMatch(/NaN|undefined/)
  })

  it('is refused without points', () => {
    expect(() => drawPlot({ ...plot, lines: [] })).toThrow('nothing to plot')
  })
})

describe('the page', () => {
  const missed = area('merkle', [
    caseResult('merkle/build-large', [
      variant('ours', [2, 2, 2]),
      variant('crypto.hash', [4, 4, 4], { note: 'a note' }),
      variant('noble', [20, 20, 20]),
    ]),
  ])

  it('shows what is missed as missed, met as met, and what is absent', () => {
    const text = page([missed])
    expect(text).toMatch(/\| 4× `crypto\.hash` \| 2× \[2, 2\] \| \*\*missed\*\* \|/)
    expect(text).toMatch(/\| 5× noble \| 10× \[10, 10\] \| met \|/)
    expect(text).toMatch(/\| 6× merkletreejs \| .* \| not measured \|/)
    expect(text).toMatch(/\| federation, in sync \| .* \| not measured \|/)
    expect(text).toMatch(/\| `vm spawn` .* copier.* \| planned \|/)
    expect(text).toContain('### What the profile says')
    expect(text).toContain('- x/other is absent: no gpg here')
    expect(text).toContain('- crypto.hash: a note')
  })

  it('names machine, versions, command and commit', () => {
    const text = page([missed])
    for (const part of [
      'A CPU, 2 cores, 8 GiB',
      'ext4',
      'Node 24.0.0',
      '0123456789ab',
      'pnpm bench merkle',
    ]) {
      expect(text).toContain(part)
    }
  })

  it('gives the same bytes for the same results, also when read back', () => {
    const again: AreaResult = JSON.parse(encodeArea(missed))
    expect(again).toEqual(missed)
    expect(page([again])).toBe(page([missed]))
  })

  it('that is committed is the one that its results give; else run `pnpm bench --page`', () => {
    const path = join(root, 'docs/benchmarks.md')
    const results = readAreas(root)
    expect(existsSync(path)).toBe(results.length > 0)
    if (results.length === 0) return
    expect(readFileSync(path, 'utf8')).toBe(page(results))
    for (const result of results) {
      for (const [file, svg] of growthPlots(result)) {
        expect(readFileSync(join(root, 'docs/benchmarks', file), 'utf8')).toBe(svg)
      }
    }
  })

  it('leaves no result unread', () => {
    const folder = join(root, 'docs/benchmarks')
    const files = existsSync(folder) ? readdirSync(folder) : []
    const known = Object.keys(areas).map((name) => `${name}.json`)
    expect(files.filter((file) => file.endsWith('.json') && !known.includes(file))).toEqual([])
  })
})
