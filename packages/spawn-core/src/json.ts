/** Canonical JSON and narrowing: the encoding rules of docs/formats/encoding.md. */
import canonicalize from 'canonicalize'

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Nesting above this is refused before it can exhaust the stack. */
const maximumDepth = 32

/** A JSON object, or a YAML mapping, whose members are not yet known. */
export type Members = Readonly<Record<string, unknown>>

/** Whether `value` is a JSON object (not an array, not null). */
export function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** RFC 8785 bytes of a JSON value. Throws a `TypeError` on what JSON can't hold. */
export function canonicalBytes(value: unknown): Uint8Array {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('not a JSON value')
  return encoder.encode(text)
}

/** UTF-8 text of bytes, or undefined where they are no valid UTF-8. A byte order mark is kept. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

function depthWithin(value: unknown, limit: number): boolean {
  if (typeof value !== 'object' || value === null) return true
  return limit > 0 && Object.values(value).every((child) => depthWithin(child, limit - 1))
}

/** JSON of bytes that are exactly the RFC 8785 form of their value; undefined for all others. */
export function parseCanonical(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes)
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return depthWithin(value, maximumDepth) && canonicalize(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

/** Orders strings by UTF-16 code units, as RFC 8785 orders names; the locale plays no part. */
export function byCodeUnit(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
