/** The shape of a CMS SignedData (RFC 5652 section 5). What its values must be is for the checks. */
import type { Bytes } from './bytes.ts'
import { contextTag, contextValueTag, type DerElement, DerError, tags } from './der.ts'
import { onlyChild, openFields, readOid, readSmallInteger } from './der-read.ts'

/** A SignedData, in slices of the token. */
export interface SignedData {
  readonly version: number
  readonly digestAlgorithms: readonly DerElement[]
  readonly contentType: string
  /** What is signed; undefined where it is not inside ("detached"). */
  readonly content: Bytes | undefined
  readonly certificates: readonly DerElement[]
  readonly signerInfos: readonly DerElement[]
}

/** Who signed: an issuer and serial number, or a key identifier. */
export type SignerIdentifier =
  | { readonly kind: 'issuer-serial'; readonly issuer: DerElement; readonly serial: Bytes }
  | { readonly kind: 'key-identifier'; readonly identifier: Bytes }

/** A SignerInfo (RFC 5652 section 5.3). */
export interface SignerInfo {
  readonly version: number
  readonly sid: SignerIdentifier
  readonly digestAlgorithm: DerElement
  /** `signedAttrs [0]`, as received. */
  readonly signedAttributes: DerElement | undefined
  readonly signatureAlgorithm: DerElement
  readonly signature: Bytes
}

/** Reads a ContentInfo: a content type and its content. Throws {@link DerError}. */
export function readContentInfo(element: DerElement): { type: string; content: DerElement } {
  const fields = openFields(element, 'ContentInfo')
  const type = readOid(fields.take(tags.oid, 'contentType'))
  const content = onlyChild(fields.take(contextTag(0), 'content'), 'the content')
  fields.end()
  return { type, content }
}

/** Reads a SignedData. Throws {@link DerError}. */
export function readSignedData(element: DerElement): SignedData {
  const fields = openFields(element, 'SignedData')
  const version = readSmallInteger(fields.take(tags.integer, 'version'), 'version')
  const digestAlgorithms = fields.take(tags.set, 'digestAlgorithms').children
  const encapsulated = openFields(
    fields.take(tags.sequence, 'encapContentInfo'),
    'encapContentInfo',
  )
  const certificates = fields.takeIf(contextTag(0))?.children ?? []
  fields.takeIf(contextTag(1))
  const signerInfos = fields.take(tags.set, 'signerInfos').children
  fields.end()
  const contentType = readOid(encapsulated.take(tags.oid, 'eContentType'))
  const content = encapsulated.takeIf(contextTag(0))
  encapsulated.end()
  return {
    version,
    digestAlgorithms,
    contentType,
    content: content === undefined ? undefined : readContent(content),
    certificates,
    signerInfos,
  }
}

function readContent(element: DerElement): Bytes {
  const octets = onlyChild(element, 'eContent')
  if (octets.tag !== tags.octetString) throw new DerError('eContent is no OCTET STRING')
  return octets.content
}

/** Reads a SignerInfo. Throws {@link DerError}. */
export function readSignerInfo(element: DerElement): SignerInfo {
  const fields = openFields(element, 'SignerInfo')
  const version = readSmallInteger(fields.take(tags.integer, 'version'), 'version')
  const sid = readSignerIdentifier(fields.takeAny('sid'))
  const digestAlgorithm = fields.take(tags.sequence, 'digestAlgorithm')
  const signedAttributes = fields.takeIf(contextTag(0))
  const signatureAlgorithm = fields.take(tags.sequence, 'signatureAlgorithm')
  const signature = fields.take(tags.octetString, 'signature').content
  // Unsigned attributes are anybody's: nothing in them is read.
  fields.takeIf(contextTag(1))
  fields.end()
  return { version, sid, digestAlgorithm, signedAttributes, signatureAlgorithm, signature }
}

function readSignerIdentifier(element: DerElement): SignerIdentifier {
  if (element.tag === contextValueTag(0)) {
    return { kind: 'key-identifier', identifier: element.content }
  }
  return { kind: 'issuer-serial', ...readIssuerAndSerial(element) }
}

function readIssuerAndSerial(element: DerElement): { issuer: DerElement; serial: Bytes } {
  const fields = openFields(element, 'IssuerAndSerialNumber')
  const issuer = fields.take(tags.sequence, 'issuer')
  const serial = fields.take(tags.integer, 'serialNumber').content
  fields.end()
  return { issuer, serial }
}
