/** The times of tokens and certificates. All instants are milliseconds since 1970, in UTC. */
import { type DerElement, DerError, tags } from './der.ts'

/** The last instant that RFC 3339 and these formats can write. */
export const lastInstant: number = Date.UTC(9999, 11, 31, 23, 59, 59, 999)

/** A `genTime`: between these two milliseconds, which differ only if the token is more precise. */
export interface TokenTime {
  readonly earliest: number
  readonly latest: number
}

function readAscii(element: DerElement): string {
  // No time is this long; what is longer must not be cut to one.
  return element.content.length > 64 ? '' : String.fromCharCode(...element.content)
}

/** The instant of digits `YYYYMMDDHHMMSS`, if that date and time exist. */
function instantOf(digits: string): number | undefined {
  const part = (from: number, to: number) => Number(digits.slice(from, to))
  const date = new Date(0)
  date.setUTCFullYear(part(0, 4), part(4, 6) - 1, part(6, 8))
  date.setUTCHours(part(8, 10), part(10, 12), part(12, 14))
  // A month 13 or a second 60 would roll over into another date.
  return formatDigits(date.getTime()) === digits ? date.getTime() : undefined
}

function formatDigits(instant: number): string {
  return new Date(instant).toISOString().slice(0, 19).replaceAll(/[-T:]/g, '')
}

/**
 * The `genTime` of RFC 3161 section 2.4.2: `YYYYMMDDhhmmss[.s...]Z`, no trailing zero in the
 * fraction, a date that exists, the years 1970 to 9999. Undefined for anything else.
 */
export function readTokenTime(element: DerElement): TokenTime | undefined {
  const match = /^(\d{14})(?:\.(\d*[1-9]))?Z$/.exec(readAscii(element))
  if (element.tag !== tags.generalizedTime || match === null) return undefined
  const [, digits = '', fraction = ''] = match
  const second = instantOf(digits)
  if (second === undefined || second < 0) return undefined
  const earliest = second + Number(fraction.slice(0, 3).padEnd(3, '0'))
  const latest = fraction.length > 3 ? earliest + 1 : earliest
  return latest <= lastInstant ? { earliest, latest } : undefined
}

/** A time of a certificate (RFC 5280 section 4.1.2.5): whole seconds, with `Z`. */
export function readCertificateTime(element: DerElement): number {
  const text = readAscii(element)
  let instant: number | undefined
  if (element.tag === tags.generalizedTime && /^\d{14}Z$/.test(text)) {
    instant = instantOf(text.slice(0, 14))
  } else if (element.tag === tags.utcTime && /^\d{12}Z$/.test(text)) {
    instant = instantOf(`${text < '50' ? '20' : '19'}${text.slice(0, 12)}`)
  }
  if (instant === undefined)
    throw new DerError('a time of a certificate or revocation list is no time')
  return instant
}

/** `genTime` as RFC 3161 writes it: no trailing zeros in the fraction. */
export function formatTokenTime(instant: number): string {
  const fraction = String(instant % 1000)
    .padStart(3, '0')
    .replace(/0+$/, '')
  return `${formatDigits(instant)}${fraction === '' ? '' : `.${fraction}`}Z`
}

/** A certificate's time: UTCTime through 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5). */
export function formatCertificateTime(instant: number): { tag: number; text: string } {
  const digits = `${formatDigits(instant)}Z`
  const isShort = digits >= '1950' && digits < '2050'
  return isShort
    ? { tag: tags.utcTime, text: digits.slice(2) }
    : { tag: tags.generalizedTime, text: digits }
}

/** RFC 3339 with `Z` and 0 or 3 fraction digits. */
export function formatInstant(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z')
}
