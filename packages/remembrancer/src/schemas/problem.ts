/** What the validator found, in words for whoever wrote the record. */
import type { OutputUnit, Schema } from '@cfworker/json-schema'
import {
  base64Of16Pattern,
  base64Of32Pattern,
  decimalPattern,
  labelPattern,
  plainTextPattern,
  recordIdPattern,
  timePattern,
} from '../formats/text.ts'

const patternWords: ReadonlyMap<string, string> = new Map([
  [base64Of16Pattern, 'must be base64 of 16 bytes'],
  [base64Of32Pattern, 'must be base64 of 32 bytes'],
  [decimalPattern, 'must be a whole number, written as text'],
  [labelPattern, 'must be 1 to 63 of a-z, 0-9 and "-", not at the ends'],
  [plainTextPattern, 'must be one line, without control characters'],
  [recordIdPattern, 'must be sha256: and 64 digits of lower case hex'],
  [timePattern, 'must be a time such as 2026-11-23T10:00:00Z'],
])

/** The value at a JSON pointer such as `#/properties/title/pattern`. */
function valueAt(schema: Schema, pointer: string): unknown {
  let value: unknown = schema
  for (const part of pointer.split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
    value = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  }
  return value
}

/** What a keyword with this value asks, in words; undefined for keywords that none fails alone. */
function wordsOf(keyword: string, value: unknown, error: string): string | undefined {
  switch (keyword) {
    case 'const':
      return `must be ${JSON.stringify(value)}`
    case 'enum':
      return `must be one of ${Array.isArray(value) ? value.join(', ') : ''}`
    case 'false':
      return 'is not allowed here'
    case 'maxItems':
      return `must have at most ${value} items`
    case 'maxLength':
      return `must have at most ${value} characters`
    case 'minItems':
      return `must have at least ${value} items`
    case 'minLength':
      return 'must not be empty'
    case 'pattern':
      return patternWords.get(String(value)) ?? `must look like ${value}`
    case 'required':
      return `lacks ${/"[^"]*"/.exec(error)?.[0] ?? 'a member'}`
    case 'type':
      return `must be of the type ${value}`
    case 'uniqueItems':
      return 'must not hold anything twice'
    default:
      return undefined
  }
}

/** The member, as one writes it in a program, and what it must be. */
export function describeProblem(schema: Schema, problem: OutputUnit): string {
  const { instanceLocation, keyword, keywordLocation, error } = problem
  const member = instanceLocation.split('/').slice(1).join('.')
  const value = valueAt(schema, keywordLocation)
  const words = wordsOf(keyword, value, error)
  return `${member === '' ? 'the record' : member}: ${words ?? error.replace(/\.$/, '')}`
}
