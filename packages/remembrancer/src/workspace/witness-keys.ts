/** The key with which this user cosigns the checkpoints of others, in the keyring. */
import { ed25519Cosigner } from '@vaultmesh/merkle/cosignature'
import { ed25519Signer } from '@vaultmesh/merkle/node'
import { isKeyName } from '@vaultmesh/merkle/note'
import { RemembrancerError } from '../errors.ts'
import { Keyring } from './keyring.ts'
import { keyringDirectory } from './layout.ts'
import {
  type AddedKey,
  addNoteKey,
  type NamedSigner,
  type NoteDuty,
  readNoteSigner,
} from './note-keys.ts'
import type { WorkspaceEnvironment } from './types.ts'

/** How to make a witness's key. */
export interface WitnessKeyOptions {
  /** The witness's name: a scheme-less URL that the owner controls, and no log's origin. */
  readonly name: string
  /** Encrypts the secret key; `null` leaves it unencrypted. */
  readonly passphrase: string | null
  readonly env: WorkspaceEnvironment
}

/** How to find a witness's key. */
export interface WitnessSignerOptions {
  /** Of type 4, as it was made. */
  readonly vkey: string
  readonly env: WorkspaceEnvironment
  /** Asked where the key is encrypted. `undefined` means that nobody can answer. */
  readonly passphrase?: () => Promise<string | undefined>
  /** The time that cosignatures attest. */
  readonly clock: () => Date
}

function witnessDuty(clock: () => Date): NoteDuty {
  const now = (): bigint => BigInt(Math.floor(clock().getTime() / 1000))
  return {
    duty: 'witness',
    make: (name, key) => ed25519Cosigner({ name, signer: ed25519Signer(key), now }),
  }
}

/**
 * Makes a key that cosigns (C2SP tlog-cosignature, Ed25519) and does nothing else.
 *
 * @throws RemembrancerError ORIGIN_INVALID for a name that can't be a key's, HOME_MISSING,
 * KEYRING_PERMISSIONS, PASSPHRASE_NEEDED
 */
export async function addWitnessKey(options: WitnessKeyOptions): Promise<AddedKey> {
  const { name, passphrase, env } = options
  if (!isKeyName(name)) {
    throw new RemembrancerError(
      'ORIGIN_INVALID',
      `"${name}" can't be a witness's name: it has no spaces, control characters or plus signs.`,
    )
  }
  if (passphrase === '') {
    const message = 'An empty passphrase protects nothing. Give one, or say that you want none.'
    throw new RemembrancerError('PASSPHRASE_NEEDED', message)
  }
  const keyring = new Keyring(keyringDirectory(env))
  return addNoteKey(
    keyring,
    witnessDuty(() => new Date()),
    name,
    passphrase,
  )
}

/**
 * The cosigner of a witness's vkey. It signs whatever checkpoint it is given: what must be seen
 * first is the caller's duty.
 *
 * @throws RemembrancerError HOME_MISSING, and as `Keyring.read` does
 */
export function readWitnessSigner(options: WitnessSignerOptions): Promise<NamedSigner> {
  const { vkey, env, passphrase, clock } = options
  const ask = passphrase ?? (() => Promise.resolve(undefined))
  return readNoteSigner(new Keyring(keyringDirectory(env)), witnessDuty(clock), vkey, ask)
}
