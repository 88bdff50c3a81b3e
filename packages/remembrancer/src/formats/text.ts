/** The strings of `docs/formats/encoding.md`. The patterns are shared with the JSON Schemas. */
import { decodeBase64, decodeDecimal } from '@vaultmesh/merkle/bytes'
import { readString, refuse } from './reading.ts'

/** RFC 1123 label, lower case. */
export const labelPattern = '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$'

/** No control character, and no bidirectional control: those make a terminal show another text. */
export const plainTextPattern =
  '^[^\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]*$'

/** `sha256:` and 64 hex digits. */
export const recordIdPattern = '^sha256:[0-9a-f]{64}$'

/** RFC 3339 in UTC with 0 or 3 fraction digits; {@link parseTime} also looks at the date. */
export const timePattern = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]{3})?Z$'

/** Base64 of 16 bytes, with no stray bits. */
export const base64Of16Pattern = '^[A-Za-z0-9+/]{21}[AQgw]==$'

/** Base64 of 32 bytes, with no stray bits. */
export const base64Of32Pattern = '^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$'

/** The size or index of a log as JSON holds it; {@link decodeDecimal} also looks at 2^64. */
export const decimalPattern = '^(0|[1-9][0-9]{0,19})$'

const label = new RegExp(labelPattern, 'u')
const plainText = new RegExp(plainTextPattern, 'u')
const time = new RegExp(timePattern, 'u')

/** Whether a text is an RFC 1123 label. */
export function isLabel(text: string): boolean {
  return label.test(text)
}

/** Whether a text holds no control and no bidirectional control character. */
export function isPlainText(text: string): boolean {
  return text.isWellFormed() && plainText.test(text)
}

/** What is quoted from an input may be as long as that; a verdict is for people. */
const maxShown: number = 400

/**
 * A text in which what a terminal could act on, or show in another order, is spelled out. A long
 * one ends in an ellipsis.
 */
export function showable(text: string): string {
  if (text.length <= maxShown && isPlainText(text)) return text
  let shown = ''
  for (const character of text.toWellFormed()) {
    const piece = plainText.test(character)
      ? character
      : `\\u{${character.codePointAt(0)?.toString(16)}}`
    if (shown.length + piece.length > maxShown) return `${shown}…`
    shown += piece
  }
  return shown
}

/** The date of a time, or undefined where it is not written as v0 writes it or does not exist. */
export function parseTime(text: string): Date | undefined {
  if (!time.test(text) || text < '1970') return undefined
  const date = new Date(text)
  // The 30th of February parses as a day of March, and 24:00 as the next day.
  const exists = !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text.slice(0, 19))
  return exists ? date : undefined
}

/** A date as v0 writes it: milliseconds only where there are some. */
export function formatTime(date: Date): string {
  const text = date.toISOString()
  return text.endsWith('.000Z') ? `${text.slice(0, 19)}Z` : text
}

/** An RFC 1123 label. */
export function readLabel(value: unknown, where: string): string {
  const text = readString(value, where)
  return isLabel(text) ? text : refuse(where, 'must be 1 to 63 of a-z, 0-9 and "-" (RFC 1123)')
}

/** Text that can be shown, of 1 to `maximum` characters. */
export function readPlainText(value: unknown, where: string, maximum: number): string {
  const text = readString(value, where)
  const length = Array.from(text).length
  if (length < 1 || length > maximum) refuse(where, `must be 1 to ${maximum} characters`)
  return isPlainText(text) ? text : refuse(where, 'holds a control or bidirectional character')
}

/** A time; gives the date. */
export function readTime(value: unknown, where: string): Date {
  const date = parseTime(readString(value, where))
  return date ?? refuse(where, 'must be a time like 2026-11-23T10:00:00Z')
}

/** The bytes of base64, at least one; exactly `length` of them where that is given. */
export function readBase64(
  value: unknown,
  where: string,
  length?: number,
): Uint8Array<ArrayBuffer> {
  const bytes = decodeBase64(readString(value, where))
  if (bytes === undefined) return refuse(where, 'must be base64 (RFC 4648 section 4, padded)')
  if (bytes.length === 0) refuse(where, 'must not be empty')
  if (length !== undefined && bytes.length !== length) {
    refuse(where, `must be ${length} bytes, is ${bytes.length}`)
  }
  return bytes
}

/** A size or index of a log, written in decimal. */
export function readDecimal(value: unknown, where: string): bigint {
  const size = decodeDecimal(readString(value, where))
  return size ?? refuse(where, 'must be a decimal without leading zero, at most 2^64 - 1')
}
