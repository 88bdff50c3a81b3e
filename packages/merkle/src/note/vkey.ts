/** Verifier keys: a key's name, id, signature type and public part on one line. */
import { concatBytes, decodeBase64, encodeBase64, encodeUtf8 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import { sha256 } from '../rfc6962.ts'

/** The signature type bytes of signed-note that this package knows. */
export const signatureTypes: { readonly ed25519: 1; readonly cosignature: 4 } = {
  ed25519: 1,
  cosignature: 4,
}

/** A verifier key, read. */
export interface Vkey {
  readonly name: string
  /** An unsigned 32-bit number. */
  readonly keyId: number
  /** The signature type byte. */
  readonly type: number
  /** What the type calls a public key; 32 bytes for types 1 and 4. */
  readonly publicKey: Uint8Array
}

/** Far above any name that a person would give. */
const maxNameLength = 1024
const maxVkeyLength = 8192

/**
 * Whether `name` can name a key: not empty, no white space, no `+`, no control character, at most
 * 1024 UTF-16 units.
 */
export function isKeyName(name: string): boolean {
  return (
    name.length <= maxNameLength &&
    name.isWellFormed() &&
    /^[!-\uffff]+$/.test(name) &&
    !/[\p{White_Space}+]/u.test(name)
  )
}

/** The id of a key, as signed-note recommends: an unsigned 32-bit number. */
export function keyId(name: string, type: number, publicKey: Uint8Array): number {
  const digest = sha256(concatBytes(encodeUtf8(`${name}\n`), Uint8Array.of(type), publicKey))
  return new DataView(digest.buffer).getUint32(0)
}

/**
 * The vkey line of a key. `type` is a byte; `id` is for types that make theirs in another way than
 * {@link keyId}.
 *
 * Throws INVALID_VKEY for what {@link parseVkey} would not read back.
 */
export function formatVkey(
  name: string,
  type: number,
  publicKey: Uint8Array,
  id: number = keyId(name, type, publicKey),
): string {
  const digits = id.toString(16).padStart(8, '0')
  const line = `${name}+${digits}+${encodeBase64(concatBytes(Uint8Array.of(type), publicKey))}`
  const vkey = parseVkey(line)
  if (vkey?.name === name && vkey.type === type) return line
  throw new MerkleError(
    'INVALID_VKEY',
    `a key needs a name without space or plus, a type of 0 to 255, its id and a public key; got ${JSON.stringify(name)}, type ${type}, id ${digits}, ${publicKey.length} bytes`,
  )
}

/**
 * The key of a vkey line, or undefined where it is malformed.
 *
 * The id of types 1 and 4 must be the one that {@link keyId} gives. Other types may make theirs
 * differently (type 2 does), so theirs is taken as it stands.
 */
export function parseVkey(line: string): Vkey | undefined {
  if (line.length > maxVkeyLength) return undefined
  // Base64 may hold a plus too: only the first two part the fields.
  const groups = /^(?<name>[^+]+)\+(?<id>[0-9a-f]{8})\+(?<key>.+)$/su.exec(line)?.groups
  const { name = '', id = '', key = '' } = groups ?? {}
  const bytes = decodeBase64(key) ?? new Uint8Array()
  const [type] = bytes
  if (type === undefined || bytes.length === 1 || !isKeyName(name)) return undefined
  const vkey = { name, keyId: Number.parseInt(id, 16), type, publicKey: bytes.slice(1) }
  const isOurs = type === signatureTypes.ed25519 || type === signatureTypes.cosignature
  if (!isOurs) return vkey
  if (vkey.publicKey.length !== 32) return undefined
  return keyId(name, type, vkey.publicKey) === vkey.keyId ? vkey : undefined
}
