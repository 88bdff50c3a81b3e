/** Reading the documents that the demo's processes print. */
import type { Json } from '../command.ts'
import { VmError } from '../errors.ts'

/** A text at a path of member names. @throws {VmError} `VM_BUG` when there is none. */
export function textAt(value: Json, ...path: readonly string[]): string {
  const found = at(value, path)
  if (typeof found !== 'string') throw missing(path)
  return found
}

/** A number at a path of member names. @throws {VmError} `VM_BUG` when there is none. */
export function numberAt(value: Json, ...path: readonly string[]): number {
  const found = at(value, path)
  if (typeof found !== 'number') throw missing(path)
  return found
}

/** A list at a path of member names. @throws {VmError} `VM_BUG` when there is none. */
export function listAt(value: Json, ...path: readonly string[]): readonly Json[] {
  const found = at(value, path)
  if (!isList(found)) throw missing(path)
  return found
}

function at(value: Json, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value
  for (const name of path) {
    if (found === null || typeof found !== 'object' || isList(found)) return undefined
    found = found[name]
  }
  return found
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

function missing(path: readonly string[]): VmError {
  return new VmError('VM_BUG', `an answer of vm lacks ${path.join('.')}`)
}
