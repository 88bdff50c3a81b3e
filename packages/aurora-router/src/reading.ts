/** Values from outside, read strictly: what is unknown, missing or out of bounds is refused by place. */

/** What a parser gives: the value, or where and why the input was refused. It never throws. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: Problem }

/** Why an input was refused. */
export interface Problem {
  /** The place: a path such as `offers[3].price`, or `row 7, column Price`; empty for the whole. */
  readonly at: string
  /** What is wrong there, in lower case, without a full stop. */
  readonly message: string
}

class Refusal extends Error {
  readonly problem: Problem

  constructor(problem: Problem) {
    super(problem.message)
    this.problem = problem
  }
}

/** Ends the surrounding {@link attempt}. */
export function refuse(at: string, message: string): never {
  throw new Refusal({ at, message })
}

/** Runs a reader. Anything but a refusal passes through, because it is a mistake of ours. */
export function attempt<T>(read: () => T): Parsed<T> {
  try {
    return { ok: true, value: read() }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.problem }
    throw error
  }
}

/** A problem as one line. */
export function problemText({ at, message }: Problem): string {
  return at === '' ? message : `${at}: ${message}`
}

/** The members of an object, none of them unknown. */
export type Members<K extends string> = { readonly [name in K]?: unknown }

/** An object whose members are all among `names`. Members that are undefined count as absent. */
export function readObject<K extends string>(
  value: unknown,
  at: string,
  names: readonly K[],
): Members<K> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(at, 'must be an object')
  }
  for (const name of Object.keys(value)) {
    if (!names.some((known) => known === name)) refuse(at, `unknown member "${name.slice(0, 64)}"`)
  }
  return value as Members<K>
}

/** An array of at most `max` values. */
export function readArray(value: unknown, at: string, max: number): readonly unknown[] {
  if (!Array.isArray(value)) return refuse(at, 'must be a list')
  if (value.length > max) return refuse(at, `holds more than ${max} values`)
  return value
}

// Controls steer a terminal; bidirectional ones change the order of what is read (Trojan Source).
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/

/** A text of 1 to `max` UTF-16 units, well-formed, without control characters. */
export function readText(value: unknown, at: string, max: number): string {
  if (typeof value !== 'string' || value === '') return refuse(at, 'must be a text')
  if (value.length > max) return refuse(at, `is longer than ${max} characters`)
  if (unprintable.test(value)) return refuse(at, 'holds a control character')
  if (!value.isWellFormed()) return refuse(at, 'holds a lone surrogate')
  return value
}

/** A whole number from `min` to `max`. */
export function readInteger(value: unknown, at: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || Object.is(value, -0)) {
    return refuse(at, 'must be a whole number')
  }
  if (value < min || value > max) return refuse(at, `must be from ${min} to ${max}`)
  return value
}

/** A finite number from `min` to `max`. */
export function readNumber(value: unknown, at: string, min: number, max: number): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) return refuse(at, 'must be a number')
  if (value < min || value > max) return refuse(at, `must be from ${min} to ${max}`)
  return value
}

/** True or false. */
export function readFlag(value: unknown, at: string): boolean {
  return typeof value === 'boolean' ? value : refuse(at, 'must be true or false')
}

/** Undefined stays undefined; anything else is read. Zero is a value like any other. */
export function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === undefined ? undefined : read(value)
}

/** Null stays null; anything else is read. */
export function nullable<T>(value: unknown, read: (value: unknown) => T): T | null {
  return value === null ? null : read(value)
}

/** UTF-8 of at most `max` bytes, without a byte order mark. */
export function readUtf8(bytes: Uint8Array, max: number): string {
  if (bytes.length > max) return refuse('', `longer than ${max} bytes`)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse('', 'not UTF-8')
  }
}
