/** What a verification reports. `docs/formats/verification.md` says the same in words. */

/** The checks of a bundle, in the order in which every verdict reports them. */
export const checkIds = [
  'bundle.format',
  'entry.format',
  'record.format',
  'record.body',
  'signature.key',
  'signature.valid',
  'time.token',
  'time.independent',
  'signature.window',
  'log.origin',
  'log.checkpoint',
  'log.inclusion',
  'log.witnessed',
  'record.after',
] as const

/** The name of a check. */
export type CheckId = (typeof checkIds)[number]

/** How a check ended; see the table in `docs/formats/verification.md`. */
export type CheckStatus = 'pass' | 'fail' | 'missing' | 'untrusted' | 'warn' | 'skipped'

/** One line of a verdict. */
export interface Check {
  readonly id: CheckId
  readonly status: CheckStatus
  /** The standard or page that the check follows. */
  readonly reference: string
  /** One sentence for people: what was found. It may quote the input, with control characters spelled out. */
  readonly detail: string
}

/** What one check found, and what later checks may build on. */
export interface Outcome<T> {
  readonly status: Exclude<CheckStatus, 'skipped'>
  readonly detail: string
  /** Present where later checks can be judged. */
  readonly value?: T
  /** Sentences about what holds but is weak, besides the status `warn`. */
  readonly warnings?: readonly string[]
}

/** A check that holds, with what it established. */
export function pass<T>(detail: string, value: T, warnings: readonly string[] = []): Outcome<T> {
  return { status: 'pass', detail, value, warnings }
}

/** A check that holds not, but is allowed not to: later checks go on. */
export function warn<T>(detail: string, value: T): Outcome<T> {
  return { status: 'warn', detail, value }
}

/** A check that ends the chain of those that need it. */
export function stop<T>(
  status: 'fail' | 'missing' | 'untrusted',
  detail: string,
  warnings: readonly string[] = [],
): Outcome<T> {
  return { status, detail, warnings }
}
