/** The shape of a TSTInfo (RFC 3161 section 2.4.2). */
import type { Bytes } from './bytes.ts'
import { contextTag, contextValueTag, type DerElement, parseDer, tags } from './der.ts'
import { onlyChild, openFields, readBoolean, readOid, readSmallInteger } from './der-read.ts'

/** A MessageImprint: a digest algorithm and a digest. */
export interface MessageImprint {
  readonly algorithm: DerElement
  readonly digest: Bytes
}

/** An extension of a request or a token. */
export interface TspExtension {
  readonly oid: string
  readonly critical: boolean
}

/** What a time authority signed. */
export interface TstInfo {
  readonly version: number
  /** A dotted OID. */
  readonly policy: string
  readonly imprint: MessageImprint
  /** The content of the INTEGER, as are the next two. */
  readonly serial: Bytes
  readonly genTime: DerElement
  readonly accuracy: Accuracy | undefined
  readonly nonce: Bytes | undefined
  /** A GeneralName. */
  readonly tsa: DerElement | undefined
  readonly extensions: readonly TspExtension[]
}

/** The parts of an Accuracy, as received. */
export interface Accuracy {
  readonly seconds: DerElement | undefined
  readonly millis: DerElement | undefined
  readonly micros: DerElement | undefined
}

/** Reads the bytes of a TSTInfo. Throws {@link DerError}. */
export function readTstInfo(bytes: Bytes): TstInfo {
  const fields = openFields(parseDer(bytes), 'TSTInfo')
  const version = readSmallInteger(fields.take(tags.integer, 'version'), 'version')
  const policy = readOid(fields.take(tags.oid, 'policy'))
  const imprint = readMessageImprint(fields.take(tags.sequence, 'messageImprint'))
  const serial = fields.take(tags.integer, 'serialNumber').content
  const genTime = fields.take(tags.generalizedTime, 'genTime')
  const accuracy = fields.takeIf(tags.sequence)
  // `ordering`: whether tokens of one authority can be ordered by genTime alone. Not used here.
  fields.takeIf(tags.boolean)
  const nonce = fields.takeIf(tags.integer)?.content
  const tsa = fields.takeIf(contextTag(0))
  const extensions = readTspExtensions(fields.takeIf(contextTag(1)))
  fields.end()
  return {
    version,
    policy,
    imprint,
    serial,
    genTime,
    accuracy: accuracy === undefined ? undefined : readAccuracy(accuracy),
    nonce,
    tsa: tsa === undefined ? undefined : onlyChild(tsa, 'tsa'),
    extensions,
  }
}

/** Reads a MessageImprint. Throws {@link DerError}. */
export function readMessageImprint(element: DerElement): MessageImprint {
  const fields = openFields(element, 'messageImprint')
  const algorithm = fields.take(tags.sequence, 'hashAlgorithm')
  const digest = fields.take(tags.octetString, 'hashedMessage').content
  fields.end()
  return { algorithm, digest }
}

function readAccuracy(element: DerElement): Accuracy {
  const fields = openFields(element, 'accuracy')
  const seconds = fields.takeIf(tags.integer)
  const millis = fields.takeIf(contextValueTag(0))
  const micros = fields.takeIf(contextValueTag(1))
  fields.end()
  return { seconds, millis, micros }
}

/** Reads the extensions of a request or a token, where there are any. Throws {@link DerError}. */
export function readTspExtensions(element: DerElement | undefined): TspExtension[] {
  return (element?.children ?? []).map((child) => {
    const fields = openFields(child, 'an extension')
    const oid = readOid(fields.take(tags.oid, 'extnID'))
    const critical = fields.takeIf(tags.boolean)
    fields.take(tags.octetString, 'extnValue')
    fields.end()
    return { oid, critical: critical !== undefined && readBoolean(critical) }
  })
}
