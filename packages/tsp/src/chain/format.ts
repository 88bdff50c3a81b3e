/** A chain of renewed timestamps, as it is kept: docs/formats/timestamp-chain.md. */
import { derLimits } from '../der.ts'
import { printable } from '../name.ts'

/** One generation of tokens. */
export interface ChainLink {
  /** DER of CRLs about the tokens of the link before; none in the first. */
  readonly revocation: readonly Uint8Array[]
  /** DER of bare tokens: the first link's over the data, the others' over all before them. */
  readonly tokens: readonly Uint8Array[]
}

/** Tokens, and newer tokens over them, the oldest first. */
export interface TimestampChain {
  readonly links: readonly ChainLink[]
}

/** Why bytes are no chain. */
export type ChainFault = 'TOO_LARGE' | 'NOT_A_CHAIN'

/** What reading a chain gave. */
export type ParsedChain =
  | { readonly ok: true; readonly chain: TimestampChain }
  | {
      readonly ok: false
      readonly code: ChainFault
      /** For people. */
      readonly detail: string
    }

/** The media type, and the mark in the file. */
export const chainMediaType = 'application/vnd.vaultmesh.timestamp-chain.v0+json'

/** The most that a chain holds. */
export const chainLimits = {
  bytes: 8_388_608,
  links: 64,
  tokens: 16,
  lists: 16,
  listBytes: 1_048_576,
} as const

/** The canonical JSON (RFC 8785) of a chain. */
export function encodeTimestampChain({ links }: TimestampChain): Uint8Array {
  const encoded = links.map(({ revocation, tokens }) => ({
    ...(revocation.length === 0 ? {} : { revocation: revocation.map(encodeBase64) }),
    tokens: tokens.map(encodeBase64),
  }))
  return new TextEncoder().encode(JSON.stringify({ links: encoded, mediaType: chainMediaType }))
}

/** Reads the bytes of a chain, at most 8 MiB of canonical JSON. Verifies nothing; never throws. */
export function parseTimestampChain(bytes: Uint8Array): ParsedChain {
  if (bytes.length > chainLimits.bytes) {
    const detail = `${bytes.length} bytes; at most ${chainLimits.bytes} are read`
    return { ok: false, code: 'TOO_LARGE', detail }
  }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const chain = readChain(JSON.parse(text))
    // One chain has one encoding: no duplicate members, white space or stray base64 bits.
    if (new TextDecoder().decode(encodeTimestampChain(chain)) !== text) {
      throw new TypeError('it is not in canonical form')
    }
    return { ok: true, chain }
  } catch (error) {
    // The decoder, JSON.parse and atob say in these ways that the input is bad.
    const isBad =
      error instanceof TypeError || error instanceof SyntaxError || error instanceof DOMException
    if (!isBad) throw error
    return { ok: false, code: 'NOT_A_CHAIN', detail: printable(error.message) }
  }
}

function readChain(value: unknown): TimestampChain {
  const { links, mediaType } = readMembers(value, 'the chain', ['links', 'mediaType'])
  if (mediaType !== chainMediaType) throw new TypeError(`mediaType is not ${chainMediaType}`)
  return { links: readList(links, 'links', chainLimits.links).map(readLink) }
}

function readLink(value: unknown, index: number): ChainLink {
  const where = `link ${index}`
  const members = readMembers(value, where, ['revocation', 'tokens'])
  const { tokens, revocation } = members
  if (index === 0 && revocation !== undefined) {
    throw new TypeError('the first link has revocation lists, and nothing before it')
  }
  const read = (list: unknown, name: string, most: number, bytes: number) =>
    readList(list, `${name} of ${where}`, most).map((text) => decodeBase64(text, bytes))
  return {
    tokens: read(tokens, 'tokens', chainLimits.tokens, derLimits.bytes),
    revocation:
      revocation === undefined
        ? []
        : read(revocation, 'revocation', chainLimits.lists, chainLimits.listBytes),
  }
}

function readMembers(
  value: unknown,
  where: string,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${where} is no object`)
  }
  const members = Object.fromEntries(Object.entries(value))
  const unknown = Object.keys(members).find((name) => !names.includes(name))
  if (unknown !== undefined) throw new TypeError(`${where} has an unknown member ${unknown}`)
  return members
}

function readList(value: unknown, where: string, most: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > most) {
    throw new TypeError(`${where} is no list of 1 to ${most}`)
  }
  return value
}

function encodeBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

function decodeBase64(value: unknown, most: number): Uint8Array {
  if (typeof value !== 'string') throw new TypeError('a token or list is no string')
  const bytes = Uint8Array.from(atob(value), (character) => character.charCodeAt(0))
  if (bytes.length > most) throw new TypeError(`a token or list of ${bytes.length} bytes`)
  return bytes
}
