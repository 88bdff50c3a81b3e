/** Plots as SVG text, for a page that loads nothing. */

/** A line: one value for each step. */
export interface Series {
  readonly name: string
  readonly values: readonly number[]
}

const [width, height] = [760, 260]
const area = { left: 64, top: 14, right: 12, bottom: 30 } as const

/** Told apart by people who see colours differently too (Okabe and Ito); lines differ in dashes besides. */
const colours = ['#d55e00', '#0072b2', '#009e73', '#cc79a7', '#000000'] as const
const dashes = ['', '', '6 3', '2 3', '10 4'] as const

/** The text with what HTML reads as markup replaced. */
export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => `&#${mark.charCodeAt(0)};`)
}

/** A round number at or above a value: 1, 2 or 5 times a power of ten. */
function roundUp(value: number): number {
  if (value <= 0) return 1
  let power = 1
  while (power * 10 <= value) power *= 10
  while (power > value) power /= 10
  return (([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) as number) * power
}

function short(value: number): string {
  return value >= 1000 ? `${Number((value / 1000).toFixed(2))}k` : String(Number(value.toFixed(2)))
}

function legend(names: readonly string[]): string {
  const items = names.map(
    (name, at) =>
      `<span class="key"><svg width="26" height="8" aria-hidden="true"><line x1="0" y1="4" x2="26" y2="4" ${stroke(at)}/></svg> ${escaped(name)}</span>`,
  )
  return `<p class="legend">${items.join(' ')}</p>`
}

function stroke(at: number): string {
  const dash = dashes[at % dashes.length] ?? ''
  const dashed = dash === '' ? '' : ` stroke-dasharray="${dash}"`
  return `stroke="${colours[at % colours.length]}" stroke-width="2" fill="none"${dashed}`
}

function grid(top: number, format: (value: number) => string): string {
  const plotHeight = height - area.top - area.bottom
  return [0, 0.25, 0.5, 0.75, 1]
    .map((part) => {
      const y = (area.top + plotHeight * (1 - part)).toFixed(1)
      return `<line x1="${area.left}" y1="${y}" x2="${width - area.right}" y2="${y}" stroke="#ddd"/><text x="${area.left - 8}" y="${y}" text-anchor="end" dominant-baseline="middle">${format(top * part)}</text>`
    })
    .join('')
}

function framed(title: string, inside: string, below: string, key: string): string {
  return `<figure><figcaption>${escaped(title)}</figcaption><svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(title)}">${inside}<text x="${width / 2}" y="${height - 6}" text-anchor="middle">${escaped(below)}</text></svg>${key}</figure>`
}

/** Lines over steps, from 0 up. */
export function lineChart(title: string, below: string, series: readonly Series[]): string {
  const top = roundUp(Math.max(0, ...series.map(({ values }) => Math.max(0, ...values))))
  const steps = Math.max(2, ...series.map(({ values }) => values.length))
  const lines = series.map(({ values }, at) => {
    const points = values.map((value, step) => {
      const x = area.left + (step / (steps - 1)) * (width - area.left - area.right)
      const y = area.top + (1 - value / top) * (height - area.top - area.bottom)
      return `${x.toFixed(1)},${y.toFixed(1)}`
    })
    return `<polyline points="${points.join(' ')}" ${stroke(at)}/>`
  })
  const key = legend(series.map(({ name }) => name))
  return framed(title, grid(top, short) + lines.join(''), below, key)
}

/** Bars in groups: one group for each label, one bar in it for each series. */
export function barChart(
  title: string,
  labels: readonly string[],
  series: readonly Series[],
): string {
  const top = roundUp(Math.max(0, ...series.map(({ values }) => Math.max(0, ...values))))
  const group = (width - area.left - area.right) / Math.max(1, labels.length)
  const bar = (group * 0.8) / Math.max(1, series.length)
  const plotHeight = height - area.top - area.bottom
  const bars = labels.map((label, at) => {
    const left = area.left + at * group + group * 0.1
    const own = series.map(({ values }, which) => {
      const tall = ((values[at] ?? 0) / top) * plotHeight
      return `<rect x="${(left + which * bar).toFixed(1)}" y="${(area.top + plotHeight - tall).toFixed(1)}" width="${(bar * 0.9).toFixed(1)}" height="${tall.toFixed(1)}" fill="${colours[which % colours.length]}"/>`
    })
    const middle = (left + group * 0.4).toFixed(1)
    return `${own.join('')}<text x="${middle}" y="${height - 14}" text-anchor="middle">${escaped(label)}</text>`
  })
  const key = legend(series.map(({ name }) => name))
  return framed(title, grid(top, short) + bars.join(''), '', key)
}
