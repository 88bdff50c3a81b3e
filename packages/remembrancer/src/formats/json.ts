/** Canonical JSON (RFC 8785), read strictly: see `docs/formats/encoding.md`. */
import { decodeUtf8, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import canonicalize from 'canonicalize'
import { attempt, type Read, refuse } from './reading.ts'

/** Objects and arrays inside one another, the outermost counted. */
export const maxDepth = 32

/** The place of the quote that ends the string which begins at `start`, or -1. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 1)) {
    let first = at
    while (text.charAt(first - 1) === '\\') first -= 1
    if ((at - first) % 2 === 0) return at
  }
  return -1
}

// Bounds the work of every later step, including JSON.parse's own recursion in other engines.
function isTooDeep(text: string): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const c = text.charAt(at)
    if (c === '"') {
      at = endOfString(text, at)
      if (at === -1) return false
    } else if (c === '{' || c === '[') {
      depth += 1
      if (depth > maxDepth) return true
    } else if (c === '}' || c === ']') {
      depth -= 1
    }
  }
  return false
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return refuse('', 'not JSON')
  }
}

function canonicalText(value: unknown): string | undefined {
  try {
    return canonicalize(value)
  } catch {
    // An infinite number (1e999) or a lone surrogate: neither can be written canonically.
    return undefined
  }
}

/**
 * The value of canonical JSON of at most `maxBytes` bytes.
 *
 * Bytes are taken only if writing the value gives them again: that refuses duplicate keys, white
 * space, numbers that a double can't hold and lone surrogates, all of which let two readers see
 * two different values.
 */
export function readCanonicalJson(bytes: Uint8Array, maxBytes: number): Read<unknown> {
  return attempt(() => {
    if (bytes.length > maxBytes) refuse('', `longer than ${maxBytes} bytes`)
    const text = decodeUtf8(bytes) ?? refuse('', 'not UTF-8')
    if (isTooDeep(text)) refuse('', `nested more than ${maxDepth} deep`)
    const value = parse(text)
    if (canonicalText(value) !== text) refuse('', 'not canonical JSON (RFC 8785)')
    return value
  })
}

/**
 * The canonical bytes of a JSON value.
 *
 * @throws TypeError for a value that JSON can't hold: an infinite number, a lone surrogate, a cycle.
 */
export function writeCanonicalJson(value: unknown): Uint8Array<ArrayBuffer> {
  const text = canonicalText(value)
  if (text === undefined) throw new TypeError('This value has no canonical JSON form.')
  return encodeUtf8(text)
}
