/** Encoders: text from outside as data of a language, or refused. */
import { show } from '../names.ts'
import { unfitReason } from './dialect.ts'

/** Text that an encoder made; only this passes the gate of a tag unchecked. */
export class Encoded {
  readonly text: string

  /** `text` is already in the language of the file. */
  constructor(text: string) {
    this.text = text
  }
}

/** What an encoder takes. */
export type Encodable = string | number | boolean | null | readonly Encodable[]

/** The functions in scope of a tag. */
export interface Encoders {
  /** A JSON value. */
  readonly json: (value: Encodable) => Encoded
  /** A YAML flow value; text is double-quoted. */
  readonly yaml: (value: Encodable) => Encoded
  /** A TypeScript or JavaScript literal; text is single-quoted. */
  readonly ts: (value: Encodable) => Encoded
  /** One single-quoted shell word. */
  readonly sh: (value: string | number | boolean) => Encoded
  /** A TOML value. */
  readonly toml: (value: Encodable) => Encoded
  /** Markdown text in which nothing is markup. */
  readonly md: (value: string | number | boolean) => Encoded
}

// What JSON leaves as it is, but YAML, JavaScript, TOML or a reader's eyes do not take as text.
const invisible =
  /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]/g

/** Text in double quotes, in a form that is JSON, YAML, TOML and JavaScript at once. */
export function quote(text: string): string {
  if (!text.isWellFormed()) throw new TypeError(`${show(text)} holds half a character`)
  return JSON.stringify(text).replaceAll(
    invisible,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function singleQuoted(text: string): string {
  const body = quote(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")
  return `'${body}'`
}

function value(input: unknown, text: (text: string) => string): string {
  if (typeof input === 'string') return text(input)
  if (typeof input === 'number' && Number.isFinite(input)) return String(input)
  if (typeof input === 'boolean' || input === null) return String(input)
  if (Array.isArray(input)) return `[${input.map((item) => value(item, text)).join(', ')}]`
  throw new TypeError(`${typeof input} can't be encoded`)
}

function scalar(input: unknown, language: string): string {
  if (input === null || Array.isArray(input)) throw new TypeError(`${language}() takes no list`)
  const text = value(input, (itself) => itself)
  if (/[\0\r\n]/.test(text)) throw new TypeError(`${show(text)} has more than one line`)
  return text
}

function toml(input: unknown): string {
  if (input === null) throw new TypeError('TOML has no null')
  return Array.isArray(input) ? `[${input.map(toml).join(', ')}]` : value(input, quote)
}

/** Markdown text; a backslash before ASCII punctuation makes it literal (CommonMark 0.31, 2.4). */
function md(text: string): string {
  return (
    text
      .replaceAll(/[\\`*_[\]<>&~|$#@]/g, '\\$&')
      // These are markup only where a line may start: lists, rules, headings, quotes.
      .replace(/^[-+=:]/, '\\$&')
      .replace(/^(\d+)([.)])/, '$1\\$2')
      .replaceAll(/^ +| +$/g, (spaces) => '&#32;'.repeat(spaces.length))
  )
}

/** The encoders for the file at `path`. Each throws a `TypeError` on what that file can't carry. */
export function encodersFor(path: string): Encoders {
  const fit = (input: unknown, text: string): Encoded => {
    const reason = unfitReason(path, text)
    if (reason !== undefined) throw new TypeError(`${show(String(input))} can't be used: ${reason}`)
    return new Encoded(text)
  }
  return {
    json: (input) => fit(input, value(input, quote)),
    yaml: (input) => fit(input, value(input, quote)),
    ts: (input) => fit(input, value(input, singleQuoted)),
    sh: (input) => fit(input, `'${scalar(input, 'sh').replaceAll("'", "'\\''")}'`),
    toml: (input) => fit(input, toml(input)),
    md: (input) => fit(input, md(scalar(input, 'md'))),
  }
}
