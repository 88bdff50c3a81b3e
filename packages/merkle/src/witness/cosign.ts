/** What a witness says once it has recorded a checkpoint. */
import { encodeHex, encodeUtf8 } from '../bytes.ts'
import { MerkleError } from '../errors.ts'
import { makeSignatures, type NoteSigner } from '../note/sign.ts'
import { formatNote, type NoteSignature } from '../note/text.ts'
import { sha256 } from '../rfc6962.ts'
import { formatCosignatures } from './response.ts'
import type { OpenedAddCheckpoint } from './transition.ts'

/** What a witness gives to a log, and to the log's monitors. */
export interface CosignedCheckpoint {
  /** The body of the response, with status 200. */
  readonly body: string
  /** The checkpoint with the log's verified signatures and the witness's, for monitors. */
  readonly checkpoint: string
}

/** Every cosignature, of whatever type, begins with its time: eight bytes. */
function hasTime({ signature }: NoteSignature): boolean {
  return signature.subarray(0, 8).some((byte) => byte !== 0)
}

/**
 * Cosigns a checkpoint with all of a witness's keys (see `ed25519Cosigner`).
 *
 * To be called once `next` of `addCheckpoint` is recorded and durable, never before: what is signed
 * can't be taken back. Where it rejects, the log may ask again, from the new size.
 *
 * Rejects with INVALID_ARGUMENT for a signer whose clock gives 0, which tlog-witness forbids, and
 * with INVALID_NOTE for no signers.
 */
export async function cosignCheckpoint(
  { note, verified }: OpenedAddCheckpoint,
  signers: readonly NoteSigner[],
): Promise<CosignedCheckpoint> {
  const cosignatures = await makeSignatures(note.text, signers)
  if (!cosignatures.every(hasTime)) {
    throw new MerkleError('INVALID_ARGUMENT', 'a witness says when it signed; its clock gives 0')
  }
  const signatures = [...verified, ...cosignatures]
  return {
    body: formatCosignatures(cosignatures),
    checkpoint: formatNote({ text: note.text, signatures }),
  }
}

/** Where a witness serves its last checkpoint of a log, below its monitoring prefix. */
export function witnessCheckpointPath(origin: string): string {
  return `${encodeHex(sha256(encodeUtf8(origin)))}/checkpoint`
}
