/** The secret keys of logs, out of the keyring. */
import { ed25519NoteSigner } from '@vaultmesh/merkle/node'
import type { NoteSigner } from '@vaultmesh/merkle/note'
import type { Keyring } from './keyring.ts'
import { type AddedKey, addNoteKey, type NoteDuty, readNoteSigner } from './note-keys.ts'
import type { WorkspaceKeys } from './types.ts'

/** The public halves of a log's keys. */
export type LogKeys = Pick<WorkspaceKeys, 'log' | 'retiringLog'>

const logDuty: NoteDuty = { duty: 'log', make: ed25519NoteSigner }

/** The vkeys of a log, the one that replaces the other first. */
export function logVkeys({ log, retiringLog }: LogKeys): string[] {
  return retiringLog === undefined ? [log] : [log, retiringLog]
}

/**
 * The signer of a vkey.
 *
 * @throws RemembrancerError as `Keyring.read` does
 */
export function readLogSigner(
  keyring: Keyring,
  vkey: string,
  askPassphrase: () => Promise<string | undefined>,
): Promise<NoteSigner> {
  return readNoteSigner(keyring, logDuty, vkey, askPassphrase)
}

/** Makes a key for a log and keeps it. `passphrase` encrypts it, `null` leaves it unencrypted. */
export function addLogKey(
  keyring: Keyring,
  origin: string,
  passphrase: string | null,
): Promise<AddedKey> {
  return addNoteKey(keyring, logDuty, origin, passphrase)
}
