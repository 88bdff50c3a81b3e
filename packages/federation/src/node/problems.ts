/** Reads values that people or strangers wrote, and notes every problem by its path. */

type Members = Readonly<Record<string, unknown>>

/** How many unknown members of a map are named. */
const maxUnknown = 16

/** A reader that goes on after a problem, so that all of them are seen at once. */
export class Problems {
  /** One sentence each, beginning with the path of what is wrong. */
  readonly found: string[] = []

  note(path: string, why: string): undefined {
    this.found.push(path === '' ? why : `${path}: ${why}`)
    return undefined
  }

  /** The members of an object that may have these and no others. */
  members(value: unknown, path: string, known: readonly string[]): Members | undefined {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.note(path, 'must be a map')
    }
    const unknown = Object.keys(value).filter((name) => !known.includes(name))
    // A stranger's map may have a million of them.
    for (const name of unknown.slice(0, maxUnknown)) {
      this.note(path, `has a member that v0 does not know: ${JSON.stringify(name.slice(0, 80))}`)
    }
    const members = known.filter((name) => Object.hasOwn(value, name))
    return Object.fromEntries(members.map((name) => [name, Reflect.get(value, name)]))
  }

  /** What `read` gives for each item of a list of at most `maximum`; absent is none. */
  list<T>(
    value: unknown,
    path: string,
    maximum: number,
    read: (item: unknown, path: string) => T | undefined,
  ): T[] {
    if (value === undefined) return []
    if (!Array.isArray(value)) {
      this.note(path, 'must be a list')
      return []
    }
    if (value.length > maximum) {
      this.note(path, `has ${value.length} items, more than ${maximum}`)
      return []
    }
    return value.flatMap((item: unknown, i) => read(item, `${path}[${i}]`) ?? [])
  }

  /** A text that `isRight` takes; `what` says in words what that is. */
  text(
    value: unknown,
    path: string,
    what: string,
    isRight: (text: string) => boolean,
  ): string | undefined {
    if (typeof value === 'string' && isRight(value)) return value
    return this.note(path, `must be ${what}`)
  }

  /** True or false; absent is false. */
  flag(value: unknown, path: string): boolean {
    if (value === undefined || typeof value === 'boolean') return value === true
    this.note(path, 'must be true or false')
    return false
  }

  /** Notes each of `values` that comes a second time. */
  distinct(values: readonly string[], pathOf: (index: number) => string): void {
    for (const [i, value] of values.entries()) {
      if (values.indexOf(value) < i) this.note(pathOf(i), `${JSON.stringify(value)} comes twice`)
    }
  }
}
