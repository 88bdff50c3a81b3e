/** C2SP tlog-cosignature, Ed25519 (`cosignature/v1`): what a witness adds to a checkpoint. */
import { concatBytes, decodeUtf8, encodeUtf8 } from './bytes.ts'
import { parseCheckpoint } from './checkpoint.ts'
import {
  type Ed25519Signer,
  type Ed25519Verify,
  signatureLength,
  verifyEd25519,
} from './ed25519.ts'
import { MerkleError } from './errors.ts'
import type { NoteSigner } from './note/sign.ts'
import { type NoteVerifier, requireEd25519Vkey } from './note/verifier.ts'
import { formatVkey, keyId, signatureTypes } from './note/vkey.ts'

/** A cosignature, taken apart. */
export interface Cosignature {
  /** When the witness says it signed: POSIX seconds, at most 2^63 - 1. */
  readonly time: bigint
  /** 64 bytes. */
  readonly signature: Uint8Array
}

const timeLength = 8
const maxTime = 2n ** 63n - 1n

/** Takes a note signature of type 4 apart, or gives undefined where it is not one. */
export function parseCosignature(bytes: Uint8Array): Cosignature | undefined {
  if (bytes.length !== timeLength + signatureLength) return undefined
  const time = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0)
  return time <= maxTime
    ? { time, signature: new Uint8Array(bytes.subarray(timeLength)) }
    : undefined
}

/** The bytes of a note signature of type 4. Throws INVALID_ARGUMENT where a part is out of range. */
export function formatCosignature({ time, signature }: Cosignature): Uint8Array<ArrayBuffer> {
  if (time < 0n || time > maxTime || signature.length !== signatureLength) {
    throw new MerkleError(
      'INVALID_ARGUMENT',
      `a cosignature has a time of 0 to 2^63 - 1 seconds and ${signatureLength} bytes, not ${time} and ${signature.length}`,
    )
  }
  const head = new Uint8Array(timeLength)
  new DataView(head.buffer).setBigUint64(0, time)
  return concatBytes(head, signature)
}

/** What a witness signs: `body` is the checkpoint's text, `time` POSIX seconds. */
export function cosignatureMessage(time: bigint, body: Uint8Array): Uint8Array<ArrayBuffer> {
  return concatBytes(encodeUtf8(`cosignature/v1\ntime ${time}\n`), body)
}

function isCheckpoint(text: Uint8Array): boolean {
  const body = decodeUtf8(text)
  return body !== undefined && parseCheckpoint(body).ok
}

/**
 * The verifier of a witness's vkey (type 4). The text must be a checkpoint's; its time is not
 * judged. `verify` replaces the way signatures are checked.
 *
 * Throws INVALID_VKEY.
 */
export function cosignatureVerifier(
  vkey: string,
  verify: Ed25519Verify = verifyEd25519,
): NoteVerifier {
  const { name, keyId: id, publicKey } = requireEd25519Vkey(vkey, signatureTypes.cosignature)
  return {
    name,
    keyId: id,
    verify(text, bytes) {
      const cosignature = parseCosignature(bytes)
      if (cosignature === undefined || !isCheckpoint(text)) return false
      const { time, signature } = cosignature
      return verify(publicKey, cosignatureMessage(time, text), signature)
    },
  }
}

/** What a cosigner is made of. */
export interface CosignerOptions {
  /** The witness's name, as in its vkey. */
  readonly name: string
  /** A key that cosigns and does nothing else: the message does not name the cosigner. */
  readonly signer: Ed25519Signer
  /** The time to attest, in POSIX seconds. */
  readonly now: () => bigint
}

/**
 * A note signer of type 4, with the vkey to give to others.
 *
 * It signs whatever checkpoint it is given: seeing first that the checkpoint is consistent with the
 * ones before is the caller's duty. Throws INVALID_VKEY; its `sign` throws INVALID_CHECKPOINT for
 * text that is not a checkpoint.
 */
export function ed25519Cosigner(options: CosignerOptions): NoteSigner & { readonly vkey: string } {
  const { name, signer, now } = options
  const type = signatureTypes.cosignature
  return {
    name,
    keyId: keyId(name, type, signer.publicKey),
    vkey: formatVkey(name, type, signer.publicKey),
    async sign(text) {
      if (!isCheckpoint(text)) {
        throw new MerkleError('INVALID_CHECKPOINT', 'a cosigner signs checkpoints and nothing else')
      }
      const time = now()
      const signature = await signer.sign(cosignatureMessage(time, text))
      return formatCosignature({ time, signature })
    },
  }
}
