/** A plot with two logarithmic axes, as an SVG that is readable on light and dark pages. */

/** A line of the plot: points with an x and a y above 0, in the order of x. */
export interface Line {
  readonly name: string
  readonly points: readonly (readonly [number, number])[]
}

/** What is drawn. */
export interface Plot {
  readonly title: string
  readonly xTitle: string
  /** Writes a tick of the y axis, such as `1 ms`. */
  readonly yTick: (value: number) => string
  readonly lines: readonly Line[]
}

const width = 720
const height = 420
const left = 90
const right = 150
const top = 50
const bottom = 60

// Okabe and Ito's colours, which those who don't see red or green can tell apart.
const style = `
  .page { fill: #ffffff } .text { fill: #222222; font: 13px sans-serif } .title { font-weight: bold }
  .grid { stroke: #dddddd } .line { fill: none; stroke-width: 2 }
  .c0 { stroke: #0072b2 } .d0 { fill: #0072b2 } .c1 { stroke: #d55e00 } .d1 { fill: #d55e00 }
  .c2 { stroke: #007a55 } .d2 { fill: #007a55 } .c3 { stroke: #a0437f } .d3 { fill: #a0437f }
  @media (prefers-color-scheme: dark) {
    .page { fill: #161616 } .text { fill: #e6e6e6 } .grid { stroke: #3a3a3a }
    .c0 { stroke: #56b4e9 } .d0 { fill: #56b4e9 } .c1 { stroke: #e69f00 } .d1 { fill: #e69f00 }
    .c2 { stroke: #2fc193 } .d2 { fill: #2fc193 } .c3 { stroke: #e08cc0 } .d3 { fill: #e08cc0 }
  }
`

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
}

/** The powers of ten around the values. */
function decades(values: readonly number[]): number[] {
  const logs = values.map(Math.log10)
  const first = Math.floor(Math.min(...logs))
  const last = Math.max(first + 1, Math.ceil(Math.max(...logs)))
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}

function text(x: number, y: number, words: string, anchor: string, more = ''): string {
  return `<text class="text${more}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(words)}</text>`
}

/** Labels keep a line's height between them, so that close ends stay readable. */
function spreadOut(wanted: readonly number[]): number[] {
  const order = wanted.map((y, i) => ({ y, i })).sort((a, b) => a.y - b.y)
  const placed = [...wanted]
  let last = Number.NEGATIVE_INFINITY
  for (const { y, i } of order) {
    last = Math.max(y, last + 16)
    placed[i] = last
  }
  return placed
}

/** Draws the plot. Throws where no line has a point. */
export function drawPlot({ title, xTitle, yTick, lines }: Plot): string {
  const points = lines.flatMap((line) => line.points)
  if (points.length === 0) throw new Error(`nothing to plot: ${title}`)
  const xs = decades(points.map(([x]) => x))
  const ys = decades(points.map(([, y]) => y))
  const at = (value: number, ticks: readonly number[], from: number, to: number): number => {
    const [first = 0, last = 1] = [ticks[0], ticks.at(-1)]
    const share = (Math.log10(value) - first) / (last - first)
    return Math.round((from + share * (to - from)) * 10) / 10
  }
  const x = (value: number) => at(value, xs, left, width - right)
  const y = (value: number) => at(value, ys, height - bottom, top)
  const grid = [
    ...xs.flatMap((power) => {
      const px = x(10 ** power)
      return [
        `<line class="grid" x1="${px}" y1="${top}" x2="${px}" y2="${height - bottom}"/>`,
        text(px, height - bottom + 20, (10 ** power).toLocaleString('en'), 'middle'),
      ]
    }),
    ...ys.flatMap((power) => {
      const py = y(10 ** power)
      return [
        `<line class="grid" x1="${left}" y1="${py}" x2="${width - right}" y2="${py}"/>`,
        text(left - 8, py + 4, yTick(10 ** power), 'end'),
      ]
    }),
  ]
  const labels = spreadOut(lines.map((line) => y(line.points.at(-1)?.[1] ?? 1)))
  const drawn = lines.flatMap((line, i) => {
    const colour = i % 4
    const path = line.points.map(([px, py]) => `${x(px)},${y(py)}`)
    const end = x(line.points.at(-1)?.[0] ?? 1)
    return [
      `<polyline class="line c${colour}" points="${path.join(' ')}"/>`,
      ...line.points.map(
        ([px, py]) => `<circle class="d${colour}" cx="${x(px)}" cy="${y(py)}" r="3.5"/>`,
      ),
      text(end + 10, (labels[i] ?? 0) + 4, line.name, 'start'),
    ]
  })
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    text(left, 28, title, 'start', ' title'),
    text((left + width - right) / 2, height - 16, xTitle, 'middle'),
    ...grid,
    ...drawn,
    '</svg>',
    '',
  ].join('\n')
}
