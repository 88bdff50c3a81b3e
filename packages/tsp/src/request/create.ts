/** Writes requests (RFC 3161 section 2.4.1). */
import { type Bytes, trimNumber } from '../bytes.ts'
import { tags } from '../der.ts'
import {
  writeBoolean,
  writeElement,
  writeInteger,
  writeOctets,
  writeOid,
  writeSequence,
} from '../der-write.ts'
import { sha2 } from '../digest.ts'
import { TspError } from '../errors.ts'

/** The longest nonce that is sent, in bytes. */
const longestNonce = 32

/** What a token is asked for. */
export interface TimestampRequest {
  /** The SHA-256, SHA-384 or SHA-512 of what is to be stamped: 32, 48 or 64 bytes. */
  readonly imprint: Uint8Array
  /**
   * An unsigned big-endian number of at most 32 bytes, new and random for each request; give the
   * same one to the verification of the answer.
   */
  readonly nonce?: Uint8Array | undefined
  /** The dotted OID of the policy that is wanted; the authority chooses if absent. */
  readonly policy?: string | undefined
  /** Whether the token shall carry the signer's certificate. It can't be verified without: true. */
  readonly certificates?: boolean | undefined
}

/**
 * The DER of a TimeStampReq. Throws {@link TspError}: `INVALID_ARGUMENT` for an imprint that is not
 * 32, 48 or 64 bytes or a nonce that is empty or too long, `INVALID_OID` for a policy that is no OID.
 */
export function createTimestampRequest(request: TimestampRequest): Bytes {
  const { imprint, nonce, policy, certificates = true } = request
  const algorithm = sha2.find(({ length }) => length === imprint.length)
  if (algorithm === undefined) {
    throw new TspError(
      'INVALID_ARGUMENT',
      `imprint has ${imprint.length} bytes; give a SHA-256 (32), SHA-384 (48) or SHA-512 (64)`,
    )
  }
  if (nonce !== undefined && (nonce.length > longestNonce || trimNumber(nonce).length === 0)) {
    throw new TspError('INVALID_ARGUMENT', `nonce must be 1 to ${longestNonce} bytes, not all zero`)
  }
  return writeSequence(
    writeInteger(1),
    writeSequence(
      writeSequence(writeOid(algorithm.oid), writeElement(tags.null)),
      writeOctets(imprint),
    ),
    ...(policy === undefined ? [] : [writeOid(policy)]),
    ...(nonce === undefined ? [] : [writeInteger(nonce)]),
    ...(certificates ? [writeBoolean(true)] : []),
  )
}
