/** Money is a whole number of micro-USD: a millionth of a US dollar. */

/** The most that an instance may cost in an hour: 2,000 USD. Keeps every product below 2^53. */
export const maxPriceMicroUsd = 2_000_000_000

/** The longest run: a year of 366 days, in milliseconds. */
export const maxDurationMs: number = 366 * 24 * 3_600_000

const decimal = /^(0|[1-9][0-9]{0,8})(?:\.([0-9]{1,12}))?$/

/**
 * Micro-USD of a decimal number of US dollars such as `1.39` or `0.256800`, rounded up.
 *
 * Undefined where the text is no such number. Up, so that what is held is never less than what is
 * owed. An exponent is not taken.
 */
export function parseUsd(text: string): number | undefined {
  const [, whole, fraction = ''] = decimal.exec(text) ?? []
  if (whole === undefined) return undefined
  const micro = Number(whole) * 1_000_000 + Number(fraction.slice(0, 6).padEnd(6, '0'))
  return /[1-9]/.test(fraction.slice(6)) ? micro + 1 : micro
}

/** US dollars with six digits after the point: `1.390000`. */
export function formatUsd(micro: number): string {
  const whole = Math.floor(micro / 1_000_000)
  return `${whole}.${String(micro - whole * 1_000_000).padStart(6, '0')}`
}

/**
 * What a price per hour comes to over a time, in micro-USD, rounded up.
 *
 * Exact for prices up to {@link maxPriceMicroUsd}: whole hours and the rest are multiplied apart,
 * so that no product passes 2^53.
 */
export function costMicroUsd(priceMicroUsd: number, durationMs: number): number {
  const hours = Math.floor(durationMs / 3_600_000)
  const rest = durationMs - hours * 3_600_000
  return priceMicroUsd * hours + Math.ceil((priceMicroUsd * rest) / 3_600_000)
}
