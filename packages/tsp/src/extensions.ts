/** The extensions of a certificate that are understood (RFC 5280 section 4.2). */
import { type Bytes, equalBytes } from './bytes.ts'
import { contextTag, type DerElement, DerError, parseDer, tags } from './der.ts'
import {
  onlyChild,
  openFields,
  readBoolean,
  readNamedBits,
  readOid,
  readSmallInteger,
} from './der-read.ts'
import { certificateOids } from './oids.ts'

/** The bits of keyUsage that are looked at (RFC 5280 section 4.2.1.3). */
export const keyUsageBits = {
  digitalSignature: 0,
  nonRepudiation: 1,
  keyCertSign: 5,
  cRLSign: 6,
} as const

/** What a certificate says about its use. A part is undefined where its extension is absent. */
export interface CertificateExtensions {
  /** `pathLength` is undefined where it is not limited. */
  readonly basicConstraints: { readonly ca: boolean; readonly pathLength?: number } | undefined
  readonly keyUsage: ReadonlySet<number> | undefined
  readonly extendedKeyUsage:
    | { readonly critical: boolean; readonly purposes: readonly string[] }
    | undefined
  readonly subjectKeyIdentifier: Bytes | undefined
  /** Each GeneralName as received. */
  readonly subjectAltNames: readonly Bytes[]
  /** The DER of cRLDistributionPoints, not read. */
  readonly distributionPoints: Bytes | undefined
  /** The OIDs of critical extensions, and of name constraints, that are not understood. */
  readonly refused: readonly string[]
}

interface Extension {
  readonly critical: boolean
  readonly value: DerElement
}

/** An extension whose value is not read. */
export interface RawExtension {
  readonly critical: boolean
  /** `extnValue`: an OCTET STRING. */
  readonly octets: DerElement
}

/**
 * These may be critical. Certificate policies restrict nothing for a verifier that accepts any
 * policy (RFC 5280 section 6.1.1 (c)).
 */
const understood: ReadonlySet<string> = new Set([
  certificateOids.keyUsage,
  certificateOids.subjectAltName,
  certificateOids.basicConstraints,
  certificateOids.certificatePolicies,
  certificateOids.extendedKeyUsage,
])

/** Reads `extensions [3]`, where there is one. Throws {@link DerError}. */
export function readExtensions(element: DerElement | undefined): CertificateExtensions {
  const extensions = element === undefined ? new Map<string, Extension>() : readAll(element)
  const refused = [...extensions].filter(
    // Name constraints limit a CA. What limits is not passed over, critical or not.
    ([oid, { critical }]) =>
      oid === certificateOids.nameConstraints || (critical && !understood.has(oid)),
  )
  return {
    basicConstraints: readBasicConstraints(extensions.get(certificateOids.basicConstraints)),
    keyUsage: readKeyUsage(extensions.get(certificateOids.keyUsage)),
    extendedKeyUsage: readExtendedKeyUsage(extensions.get(certificateOids.extendedKeyUsage)),
    subjectKeyIdentifier: readKeyIdentifier(extensions.get(certificateOids.subjectKeyIdentifier)),
    subjectAltNames: readGeneralNames(extensions.get(certificateOids.subjectAltName)),
    distributionPoints: extensions.get(certificateOids.distributionPoints)?.value.content,
    refused: refused.map(([oid]) => oid),
  }
}

function readAll(element: DerElement): Map<string, Extension> {
  const extensions = new Map<string, Extension>()
  for (const [oid, raw] of readExtensionList(onlyChild(element, 'the extensions'))) {
    const { critical, octets } = raw
    const isRead = understood.has(oid) || oid === certificateOids.subjectKeyIdentifier
    extensions.set(oid, { critical, value: isRead ? parseDer(octets.content) : octets })
  }
  return extensions
}

/** Reads an Extensions (RFC 5280 section 4.1), of a certificate or a CRL. Throws {@link DerError}. */
export function readExtensionList(list: DerElement): ReadonlyMap<string, RawExtension> {
  const extensions = new Map<string, RawExtension>()
  if (list.tag !== tags.sequence) throw new DerError('the extensions are no SEQUENCE')
  for (const child of list.children) {
    const fields = openFields(child, 'an extension')
    const oid = readOid(fields.take(tags.oid, 'extnID'))
    // A written FALSE is not DER, yet real certificates have it, and their signatures cover it.
    const critical = fields.takeIf(tags.boolean)
    const octets = fields.take(tags.octetString, 'extnValue')
    fields.end()
    // RFC 5280 section 4.2: of two, one reader takes the first and another the last.
    if (extensions.has(oid)) throw new DerError(`the extension ${oid} stands twice`)
    extensions.set(oid, { critical: critical !== undefined && readBoolean(critical), octets })
  }
  return extensions
}

function readBasicConstraints(
  extension: Extension | undefined,
): CertificateExtensions['basicConstraints'] {
  if (extension === undefined) return undefined
  const fields = openFields(extension.value, 'basicConstraints')
  const ca = fields.takeIf(tags.boolean)
  const length = fields.takeIf(tags.integer)
  fields.end()
  return {
    ca: ca !== undefined && readBoolean(ca),
    ...(length === undefined ? {} : { pathLength: readSmallInteger(length, 'pathLenConstraint') }),
  }
}

function readKeyUsage(extension: Extension | undefined): ReadonlySet<number> | undefined {
  if (extension === undefined) return undefined
  if (extension.value.tag !== tags.bitString) throw new DerError('keyUsage is no BIT STRING')
  return readNamedBits(extension.value)
}

function readExtendedKeyUsage(
  extension: Extension | undefined,
): CertificateExtensions['extendedKeyUsage'] {
  if (extension === undefined) return undefined
  const { critical, value } = extension
  if (value.tag !== tags.sequence) throw new DerError('extKeyUsage is no SEQUENCE')
  return { critical, purposes: value.children.map(readOid) }
}

function readKeyIdentifier(extension: Extension | undefined): Bytes | undefined {
  if (extension === undefined) return undefined
  if (extension.value.tag !== tags.octetString) {
    throw new DerError('subjectKeyIdentifier is no OCTET STRING')
  }
  return extension.value.content
}

function readGeneralNames(extension: Extension | undefined): Bytes[] {
  if (extension === undefined) return []
  if (extension.value.tag !== tags.sequence) throw new DerError('subjectAltName is no SEQUENCE')
  return extension.value.children.map((name) => name.raw)
}

/** Whether a GeneralName is a `directoryName [4]` that holds exactly this Name. */
export function isDirectoryName(generalName: DerElement, name: DerElement): boolean {
  const [held] = generalName.children
  return (
    generalName.tag === contextTag(4) &&
    held !== undefined &&
    generalName.children.length === 1 &&
    equalBytes(held.raw, name.raw)
  )
}
