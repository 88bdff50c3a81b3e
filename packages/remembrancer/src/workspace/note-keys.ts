/** The keys of notes in the keyring: those that sign checkpoints of logs, and those that cosign them. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { ed25519Signer } from '@vaultmesh/merkle/node'
import { type NoteSigner, parseVkey } from '@vaultmesh/merkle/note'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import { RemembrancerError } from '../errors.ts'
import type { KeyDuty, Keyring } from './keyring.ts'

/** A note signer with the vkey that others know it by. */
export type NamedSigner = NoteSigner & { readonly vkey: string }

/** What a duty makes of an Ed25519 private key. Throws INVALID_VKEY for a name that can't be one. */
type MakeSigner = (name: string, key: KeyObject) => NamedSigner

/** A duty whose keys sign notes, and how. */
export interface NoteDuty {
  readonly duty: KeyDuty
  readonly make: MakeSigner
}

/** A key that was made. */
export interface AddedKey {
  readonly vkey: string
  readonly signer: NoteSigner
  /** Takes it away again. */
  undo(): Promise<void>
}

/**
 * The signer of a vkey.
 *
 * @throws RemembrancerError as `Keyring.read` does
 */
export async function readNoteSigner(
  keyring: Keyring,
  { duty, make }: NoteDuty,
  vkey: string,
  askPassphrase: () => Promise<string | undefined>,
): Promise<NamedSigner> {
  const { name = '', publicKey = new Uint8Array() } = parseVkey(vkey) ?? {}
  const fingerprint = encodeHex(sha256(publicKey))
  const key = await keyring.read({ duty, fingerprint }, askPassphrase)
  const signer = key.asymmetricKeyType === 'ed25519' ? make(name, key) : undefined
  if (signer?.vkey === vkey) return signer
  throw new RemembrancerError(
    'KEYRING_KEY_INVALID',
    `The key in ${keyring.path({ duty, fingerprint })} is not the one of ${vkey}. Restore the right one.`,
  )
}

/** Makes a key and keeps it. `passphrase` encrypts it, `null` leaves it unencrypted. */
export async function addNoteKey(
  keyring: Keyring,
  { duty, make }: NoteDuty,
  name: string,
  passphrase: string | null,
): Promise<AddedKey> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const fingerprint = encodeHex(sha256(ed25519Signer(privateKey).publicKey))
  const signer = make(name, privateKey)
  const removeFolder = await keyring.prepare()
  const removeKey = await keyring.add({ duty, fingerprint }, privateKey, passphrase)
  return {
    vkey: signer.vkey,
    signer,
    async undo() {
      await removeKey()
      await removeFolder()
    },
  }
}
