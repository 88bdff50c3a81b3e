/** What checks a note's signatures. */
import { type Ed25519Verify, isAcceptablePublicKey, verifyEd25519 } from '../ed25519.ts'
import { MerkleError } from '../errors.ts'
import { parseVkey, signatureTypes, type Vkey } from './vkey.ts'

/** A key that the caller trusts, under the name and id that its signature lines carry. */
export interface NoteVerifier {
  readonly name: string
  /** An unsigned 32-bit number. */
  readonly keyId: number
  /** Whether `signature` (without the key id) is this key's over `text`. */
  verify(text: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>
}

/** The Ed25519 key of a vkey of the given type. Throws INVALID_VKEY where it is not one. */
export function requireEd25519Vkey(line: string, type: number): Vkey {
  const vkey = parseVkey(line)
  if (vkey?.type === type && isAcceptablePublicKey(vkey.publicKey)) return vkey
  throw new MerkleError(
    'INVALID_VKEY',
    `${JSON.stringify(line)} is not a vkey of type ${type} with a sound Ed25519 key; copy the whole line from the key's owner`,
  )
}

/**
 * The verifier of an Ed25519 vkey (type 1). `verify` replaces the way signatures are checked.
 *
 * Throws INVALID_VKEY.
 */
export function ed25519NoteVerifier(
  line: string,
  verify: Ed25519Verify = verifyEd25519,
): NoteVerifier {
  const { name, keyId, publicKey } = requireEd25519Vkey(line, signatureTypes.ed25519)
  return { name, keyId, verify: (text, signature) => verify(publicKey, text, signature) }
}
