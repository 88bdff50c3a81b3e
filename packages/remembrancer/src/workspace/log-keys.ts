/** The secret keys of logs, out of the keyring. */
import { generateKeyPairSync } from 'node:crypto'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { ed25519NoteSigner, ed25519Signer } from '@vaultmesh/merkle/node'
import { type NoteSigner, parseVkey } from '@vaultmesh/merkle/note'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import { RemembrancerError } from '../errors.ts'
import type { Keyring } from './keyring.ts'
import type { WorkspaceKeys } from './types.ts'

/** The public halves of a log's keys. */
export type LogKeys = Pick<WorkspaceKeys, 'log' | 'retiringLog'>

/** The vkeys of a log, the one that replaces the other first. */
export function logVkeys({ log, retiringLog }: LogKeys): string[] {
  return retiringLog === undefined ? [log] : [log, retiringLog]
}

/**
 * The signer of a vkey.
 *
 * @throws RemembrancerError as `Keyring.read` does
 */
export async function readLogSigner(
  keyring: Keyring,
  vkey: string,
  askPassphrase: () => Promise<string | undefined>,
): Promise<NoteSigner> {
  const { name = '', publicKey = new Uint8Array() } = parseVkey(vkey) ?? {}
  const fingerprint = encodeHex(sha256(publicKey))
  const key = await keyring.read({ duty: 'log', fingerprint }, askPassphrase)
  const signer = key.asymmetricKeyType === 'ed25519' ? ed25519NoteSigner(name, key) : undefined
  if (signer?.vkey === vkey) return signer
  throw new RemembrancerError(
    'KEYRING_KEY_INVALID',
    `The key in ${keyring.path({ duty: 'log', fingerprint })} is not the one of ${vkey}. Restore the right one.`,
  )
}

/** A key that was made. */
export interface AddedLogKey {
  readonly vkey: string
  readonly signer: NoteSigner
  /** Takes it away again. */
  undo(): Promise<void>
}

/** Makes a key for a log and keeps it. */
export async function addLogKey(
  keyring: Keyring,
  origin: string,
  passphrase: string | null,
): Promise<AddedLogKey> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const fingerprint = encodeHex(sha256(ed25519Signer(privateKey).publicKey))
  const signer = ed25519NoteSigner(origin, privateKey)
  const removeFolder = await keyring.prepare()
  const removeKey = await keyring.add({ duty: 'log', fingerprint }, privateKey, passphrase)
  return {
    vkey: signer.vkey,
    signer,
    async undo() {
      await removeKey()
      await removeFolder()
    },
  }
}
