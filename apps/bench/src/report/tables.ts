/** One case as Markdown. */
import type { CaseResult, VariantResult } from '../harness/result.ts'
import { ratioOf, summarize } from '../harness/statistics.ts'
import { duration, percent, significant, table, times } from './format.ts'

function memoryOf({ memory }: VariantResult): string {
  if (memory === undefined) return '–'
  const base = memory.base === undefined ? '' : ` (${memory.base} before)`
  return `${memory.peak} MiB${base}`
}

function rateOf(result: CaseResult, median: number): string[] {
  return result.items === undefined
    ? []
    : [`${significant((1000 * result.items.count) / median)}/s`]
}

function variantRow(result: CaseResult, variant: VariantResult): string[] {
  const { median, p95, p99, spread, count } = summarize(variant.samples)
  const calls = variant.callsPerSample > 1 ? `${count} × ${variant.callsPerSample}` : `${count}`
  return [
    variant.name,
    duration(median),
    duration(p95),
    ...(result.variants.some(hasTail) ? [hasTail(variant) ? duration(p99) : '–'] : []),
    percent(spread),
    ...rateOf(result, median),
    ...beside(result, variant),
    ...(result.variants.some(({ cpu }) => cpu !== undefined)
      ? [variant.cpu === undefined ? '–' : duration(variant.cpu)]
      : []),
    memoryOf(variant),
    calls,
  ]
}

/** The variant's time beside the subject's, where there is one. */
function beside(result: CaseResult, variant: VariantResult): string[] {
  const subject = result.variants.find(({ name }) => name === result.subject)
  if (subject === undefined) return []
  return [variant === subject ? '1' : times(ratioOf(variant, subject))]
}

/** A p99 says nothing of fewer samples. */
function hasTail({ samples }: VariantResult): boolean {
  return samples.length >= 100
}

/** The table of a case, with its variants' notes below. */
export function caseTable(result: CaseResult): string {
  const head = [
    result.id.split('/')[1] ?? '',
    'median',
    'p95',
    ...(result.variants.some(hasTail) ? ['p99'] : []),
    'spread',
    ...(result.items === undefined ? [] : [result.items.name]),
    ...(result.subject === undefined ? [] : [`time beside ${result.subject}`]),
    ...(result.variants.some(({ cpu }) => cpu !== undefined) ? ['processor'] : []),
    'peak memory',
    'samples',
  ]
  return table(
    head,
    result.variants.map((variant) => variantRow(result, variant)),
  )
}

/** A case with its heading, input, table and all that must be said of it. */
export function caseSection(result: CaseResult): string {
  const lines = [
    ...result.variants.flatMap(({ name, note }) =>
      note === undefined ? [] : [`- ${name}: ${note}`],
    ),
    ...result.absent.map(({ name, why }) => `- ${name} is absent: ${why}`),
    ...result.figures.map(({ name, value }) => `- ${name}: ${value}`),
    ...result.notes.map((note) => `- ${note}`),
    `- load ${result.load.map((value) => value.toFixed(1)).join(' before, ')} after; ${result.seconds} s in all`,
  ]
  return [`### ${result.title}`, result.input, caseTable(result), lines.join('\n')].join('\n\n')
}
