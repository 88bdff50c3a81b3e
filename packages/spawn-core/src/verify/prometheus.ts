/** The Prometheus text exposition format, as far as "does a scrape work" goes. */

// metric_name{label="value",…} number [timestamp]
const sample =
  /^[A-Za-z_:][A-Za-z0-9_:]*(\{\s*([A-Za-z_][A-Za-z0-9_]*="([^"\\\n]|\\["\\n])*"\s*,?\s*)*\})?\s+([+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?Inf|NaN)(\s+-?\d+)?$/

/** The number of samples in a scrape, or what is wrong with it. */
export function countSamples(body: string): { samples: number } | { problem: string } {
  let samples = 0
  for (const [index, line] of body.split('\n').entries()) {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    if (text.length > 16_384 || !sample.test(text)) {
      return { problem: `line ${index + 1} is no sample` }
    }
    samples += 1
  }
  return samples > 0 ? { samples } : { problem: 'there is no sample in it' }
}
