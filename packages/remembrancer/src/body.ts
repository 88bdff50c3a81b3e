/** Bodies: the texts that records are about, kept beside the log so that they can be erased. */
import { encodeBase64, encodeHex } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import type { BodyDraft } from './draft.ts'
import { readCanonicalJson } from './formats/json.ts'
import { attempt, demand, type Read, readMembers, readString } from './formats/reading.ts'
import { readBase64 } from './formats/text.ts'
import { type Body, encodeBody } from './record.ts'

/** The media type of a body whose writer names none. */
const defaultMediaType = 'text/markdown'

/** A body has at most this many bytes: it is read whole into memory. */
export const maxBodyBytes: number = 16 * 1024 * 1024

/** A body with its bytes and their digest. */
export interface SaltedBody {
  readonly body: Body
  readonly bytes: Uint8Array
  /** SHA-256 of the bytes, hex. */
  readonly digest: string
}

/** Salts a text with 16 random bytes: without them, an erased "yes" could be guessed from its digest. */
export function saltBody(draft: BodyDraft, salt: Uint8Array): SaltedBody {
  const mediaType = draft.mediaType ?? defaultMediaType
  const body = { mediaType, salt: encodeBase64(salt), text: draft.text }
  const bytes = encodeBody(body)
  return { body, bytes, digest: encodeHex(sha256(bytes)) }
}

/** Reads the bytes of a blob. */
export function parseBody(bytes: Uint8Array): Read<Body> {
  return attempt(() => {
    const value = demand('', readCanonicalJson(bytes, maxBodyBytes))
    const members = readMembers(value, 'body', ['mediaType', 'salt', 'text'])
    return {
      mediaType: readString(members['mediaType'], 'mediaType'),
      salt: encodeBase64(readBase64(members['salt'], 'salt', 16)),
      text: readString(members['text'], 'text'),
    }
  })
}
