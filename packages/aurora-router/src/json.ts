/** Canonical JSON (RFC 8785), and digests of it. */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { readUtf8, refuse } from './reading.ts'

/** The canonical text of a JSON value. @throws TypeError for a value that JSON can't hold. */
export function canonicalText(value: unknown): string {
  const text = canonicalize(value)
  if (text === undefined) throw new TypeError('This value has no canonical JSON form.')
  return text
}

/** SHA-256 of a text's UTF-8 bytes, as `sha256:` and lower-case hex. */
export function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

/** The value of a JSON text of at most `max` bytes, not nested deeper than 32. */
export function readJson(bytes: Uint8Array, max: number): unknown {
  const text = readUtf8(bytes, max)
  if (nesting(text) > 32) refuse('', 'nested more than 32 deep')
  try {
    return JSON.parse(text)
  } catch {
    return refuse('', 'not JSON')
  }
}

const [quote, backslash, open, close] = [0x22, 0x5c, [0x5b, 0x7b], [0x5d, 0x7d]] as const

// Bounds JSON.parse's own recursion, and that of every later step. A loop, because a regular
// expression runs out of stack on a string of megabytes.
function nesting(text: string): number {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at)
    if (unit === quote) inString = !inString
    else if (inString) at += unit === backslash ? 1 : 0
    else if (unit === open[0] || unit === open[1]) {
      depth += 1
      deepest = Math.max(deepest, depth)
    } else if (unit === close[0] || unit === close[1]) depth -= 1
  }
  return deepest
}

/** A canonical JSON value: bytes that writing the value would give again, and no others. */
export function readCanonicalJson(bytes: Uint8Array, max: number): unknown {
  const value = readJson(bytes, max)
  let again: string | undefined
  try {
    again = canonicalize(value)
  } catch {
    // An infinite number (1e999) or a lone surrogate has no canonical form.
  }
  if (again !== new TextDecoder().decode(bytes)) refuse('', 'not canonical JSON (RFC 8785)')
  return value
}
