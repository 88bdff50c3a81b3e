/** DSSE v1: what a signature is over. https://github.com/secure-systems-lab/dsse */
import { concatBytes, encodeUtf8 } from '@vaultmesh/merkle/bytes'

/** The `payloadType` of every envelope. */
export const payloadType = 'application/vnd.in-toto+json'

/**
 * The bytes that are signed (pre-authentication encoding). The type is among them, so that a
 * signature over one kind of document can't be passed off as one over another.
 */
export function preAuthenticationEncoding(
  payload: Uint8Array,
  type: string = payloadType,
): Uint8Array<ArrayBuffer> {
  const typeBytes = encodeUtf8(type)
  return concatBytes(
    encodeUtf8(`DSSEv1 ${typeBytes.length} `),
    typeBytes,
    encodeUtf8(` ${payload.length} `),
    payload,
  )
}
