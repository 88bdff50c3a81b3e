/**
 * JSON, before its form is known.
 *
 * The readers of this package take from it what they know, write that again, and compare bytes: so
 * white space, unknown members, members that stand twice and other spellings are all refused by one
 * comparison, and no library is needed for RFC 8785.
 */
import { decodeUtf8 } from '@vaultmesh/merkle/bytes'

/** The value of JSON in UTF-8, or undefined. The caller bounds the length. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes) ?? '')
  } catch {
    return undefined
  }
}

/** The members of an object; of anything else, none that a format has. */
export function membersOf(value: unknown): ReadonlyMap<string, unknown> {
  return new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
}

/** A string; the empty one, which is nowhere valid in these formats, for anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
