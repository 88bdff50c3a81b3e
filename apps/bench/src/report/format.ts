/** Numbers as people read them. */
import type { Estimate } from '../harness/statistics.ts'

/** Three significant digits, without an exponent. */
export function significant(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (Math.abs(value) >= 1000) return Math.round(Number(value.toPrecision(3))).toLocaleString('en')
  return Number(value.toPrecision(3)).toString()
}

/** Milliseconds, in the unit that fits. */
export function duration(ms: number): string {
  if (Number.isNaN(ms)) return '–'
  if (ms < 1e-3) return `${significant(ms * 1e6)} ns`
  if (ms < 1) return `${significant(ms * 1e3)} µs`
  if (ms < 1000) return `${significant(ms)} ms`
  return `${significant(ms / 1000)} s`
}

/** A share as per cent. */
export function percent(share: number): string {
  return `${significant(100 * share)} %`
}

/** A ratio with its 95 % confidence interval. */
export function times({ value, low, high }: Estimate): string {
  return `${significant(value)}× [${significant(low)}, ${significant(high)}]`
}

/** A difference of milliseconds with its 95 % confidence interval. */
export function extra({ value, low, high }: Estimate): string {
  return `${significant(value)} ms [${significant(low)}, ${significant(high)}]`
}

/** A number per second with its 95 % confidence interval. */
export function rate({ value, low, high }: Estimate): string {
  return `${significant(value)}/s [${significant(low)}, ${significant(high)}]`
}

/** A row of a Markdown table. Bars in the text would end a cell. */
function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}

/** A Markdown table. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(row)].join('\n')
}
