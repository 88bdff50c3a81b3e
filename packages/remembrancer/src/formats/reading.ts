/**
 * How the readers of this package refuse: inside a reader a {@link Refusal} is thrown where the
 * input is wrong, and {@link attempt} at its edge turns it into a value, so that no reader throws.
 */

/** What a reader gives: a value, or one sentence about what is wrong and where. */
export type Read<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string }

class Refusal extends Error {}

/** Ends the reader that is running; `where` names the member, `why` says what is wrong with it. */
export function refuse(where: string, why: string): never {
  throw new Refusal(where === '' ? why : `${where}: ${why}`)
}

/** Runs a reader; a refusal becomes a problem, any other error is a defect and goes on. */
export function attempt<T>(reader: () => T): Read<T> {
  try {
    return { ok: true, value: reader() }
  } catch (error) {
    if (error instanceof Refusal) return { ok: false, problem: error.message }
    throw error
  }
}

/** The value of a reader that was run by another reader: refuses where it was refused. */
export function demand<T>(where: string, read: Read<T>): T {
  return read.ok ? read.value : refuse(where, read.problem)
}

/** The members of an object that has all of `required`, and besides them only `optional`. */
export function readMembers(
  value: unknown,
  where: string,
  required: readonly string[],
  optional: readonly string[] = [],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse(where, 'must be an object')
  }
  for (const name of required) {
    if (!Object.hasOwn(value, name)) refuse(where, `lacks the member "${name}"`)
  }
  for (const name of Object.keys(value)) {
    if (!required.includes(name) && !optional.includes(name)) {
      refuse(where, `has a member that v0 does not know: ${JSON.stringify(name.slice(0, 80))}`)
    }
  }
  return { ...value }
}

/** The items of an array of a bounded length. */
export function readList(
  value: unknown,
  where: string,
  minimum: number,
  maximum: number,
): readonly unknown[] {
  if (!Array.isArray(value)) return refuse(where, 'must be an array')
  if (value.length < minimum || value.length > maximum) {
    refuse(where, `must have ${minimum} to ${maximum} items, has ${value.length}`)
  }
  return value
}

/** A string. */
export function readString(value: unknown, where: string): string {
  return typeof value === 'string' ? value : refuse(where, 'must be a string')
}

/** True or false. */
export function readBoolean(value: unknown, where: string): boolean {
  return typeof value === 'boolean' ? value : refuse(where, 'must be true or false')
}

/** A whole number in a range. */
export function readInteger(
  value: unknown,
  where: string,
  minimum: number,
  maximum: number,
): number {
  const fits = Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum
  return fits ? Number(value) : refuse(where, `must be a whole number, ${minimum} to ${maximum}`)
}
