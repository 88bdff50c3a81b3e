/** Names and texts out of tokens, made safe to show. */
import type { DerElement } from './der.ts'
import { readOid } from './der-read.ts'

/** What is shown of one text, in UTF-16 units. */
const longest = 256

/** Attribute types that people know by a short name (RFC 4514 section 3, and e-mail). */
const attributeNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '1.2.840.113549.1.9.1': 'emailAddress',
}

/**
 * Replaces what could make a terminal or a page show something else than what is there: control
 * characters and bidirectional controls. Cuts what is long.
 */
export function printable(text: string): string {
  const safe = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]/gu, '\u{fffd}')
  return safe.length > longest ? `${safe.slice(0, longest)}…` : safe
}

/** A Name (RFC 5280 section 4.1.2.4) for people, in its own order: `C=BE, O=…, CN=…`. */
export function formatName(name: DerElement): string {
  const attributes = name.children.flatMap((set) => set.children)
  const parts = attributes.map((attribute) => {
    const [type, value] = attribute.children
    if (type === undefined || value === undefined) return '?'
    const oid = readOid(type)
    return `${attributeNames[oid] ?? oid}=${decodeText(value)}`
  })
  return printable(parts.join(', '))
}

function decodeText({ tag, content }: DerElement): string {
  // BMPString is UTF-16; of the others that occur, all but old T61 texts are subsets of UTF-8.
  const bytes = content.subarray(0, longest * 2)
  if (tag !== 0x1e) return new TextDecoder().decode(bytes)
  const units = Array.from({ length: bytes.length >> 1 }, (_, index) => {
    return ((bytes[index * 2] ?? 0) << 8) | (bytes[index * 2 + 1] ?? 0)
  })
  return String.fromCharCode(...units)
}
