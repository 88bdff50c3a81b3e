/** Reads requests as an authority does (RFC 3161 section 2.4.1). */
import type { Bytes } from '../bytes.ts'
import {
  contextTag,
  copyInput,
  type DerElement,
  DerError,
  parseDer,
  tags,
  tryRead,
} from '../der.ts'
import { openFields, readBoolean, readOid, readSmallInteger } from '../der-read.ts'
import { readDigestAlgorithm } from '../digest.ts'
import type { PkiFailure } from '../status.ts'
import { readMessageImprint, readTspExtensions } from '../tst-info.ts'

/** The longest nonce that is given back, in bytes. */
const longestNonce = 64

/** A request that was read. */
export interface ReadRequest {
  /** The MessageImprint as received; the token repeats it. */
  readonly imprint: Bytes
  readonly policy: string | undefined
  /** The INTEGER as received. */
  readonly nonce: Bytes | undefined
  readonly certificates: boolean
}

/** Why a request is rejected. */
export interface Rejection {
  readonly failure: PkiFailure
  /** For people. */
  readonly text: string
}

/** Reads a TimeStampReq, or says why it is rejected. Never throws. */
export function readRequest(bytes: Uint8Array): ReadRequest | Rejection {
  const read = tryRead(() => readFields(parseDer(copyInput(bytes))))
  return read instanceof DerError ? { failure: 'badDataFormat', text: read.message } : read
}

function readFields(element: DerElement): ReadRequest | Rejection {
  const fields = openFields(element, 'TimeStampReq')
  const version = readSmallInteger(fields.take(tags.integer, 'version'), 'version')
  const imprintElement = fields.take(tags.sequence, 'messageImprint')
  const policy = fields.takeIf(tags.oid)
  const nonce = fields.takeIf(tags.integer)
  const certReq = fields.takeIf(tags.boolean)
  const extensions = readTspExtensions(fields.takeIf(contextTag(0)))
  fields.end()
  const imprint = readMessageImprint(imprintElement)
  const algorithm = tryRead(() => readDigestAlgorithm(imprint.algorithm, 'the imprint'))
  if (version !== 1) return { failure: 'badRequest', text: `version ${version}; only 1 is known` }
  // Parameters where none belong, too, are an algorithm that is not known.
  if (algorithm === undefined || algorithm instanceof DerError) {
    return { failure: 'badAlg', text: 'the imprint must be by SHA-256, SHA-384 or SHA-512' }
  }
  if (imprint.digest.length !== algorithm.length) {
    return { failure: 'badDataFormat', text: `a ${algorithm.name} has ${algorithm.length} bytes` }
  }
  if (extensions.length > 0) {
    return { failure: 'unacceptedExtension', text: 'no extension of requests is known' }
  }
  if (nonce !== undefined && nonce.content.length > longestNonce) {
    return { failure: 'badRequest', text: `a nonce has at most ${longestNonce} bytes` }
  }
  return {
    imprint: imprintElement.raw,
    policy: policy === undefined ? undefined : readOid(policy),
    nonce: nonce?.raw,
    certificates: certReq !== undefined && readBoolean(certReq),
  }
}
