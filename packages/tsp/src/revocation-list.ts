/** Certificate revocation lists (RFC 5280 section 5), read strictly. */
import { type Bytes, equalBytes } from './bytes.ts'
import type { Certificate } from './certificate.ts'
import {
  contextTag,
  contextValueTag,
  copyInput,
  type DerElement,
  DerError,
  type DerFault,
  parseDer,
  tags,
  tryRead,
} from './der.ts'
import { openFields, readSmallInteger } from './der-read.ts'
import { type RawExtension, readExtensionList } from './extensions.ts'
import { certificateOids, revocationOids } from './oids.ts'
import { checkAlgorithms, readSigned } from './signed.ts'
import { readCertificateTime } from './time.ts'

/** Why a revocation list is not used. */
export type RevocationListFault = DerFault | 'DELTA_CRL' | 'INDIRECT_CRL' | 'UNSUPPORTED_CRL'

/** The most that is read of one list. */
const limits = { bytes: 1_048_576, elements: 200_000 } as const

/** A certificate that was revoked. */
export interface RevokedEntry {
  /** The content of the serial number's INTEGER. */
  readonly serial: Bytes
  /** Milliseconds since 1970: the revocation date, or the invalidity date where that is earlier. */
  readonly from: number
  /** CRLReason; undefined where none is given. */
  readonly reason: number | undefined
}

/** A complete, direct CRL. Its signature is not verified. */
export interface RevocationList {
  readonly issuer: DerElement
  readonly thisUpdate: number
  readonly nextUpdate: number
  readonly entries: readonly RevokedEntry[]
  /** Which certificates it speaks of. */
  readonly scope: Scope
  /** Certificates that expired before this may have been dropped from it. */
  readonly keepsExpiredSince: number | undefined
  readonly tbs: Bytes
  readonly signatureAlgorithm: DerElement
  readonly signature: Bytes
}

interface Scope {
  readonly only: 'all' | 'users' | 'cas'
  /** The GeneralNames of its distribution point, as received; undefined where it has none. */
  readonly names: readonly Bytes[] | undefined
}

/** What reading a list gave. */
export type ReadRevocationList =
  | { readonly ok: true; readonly list: RevocationList }
  | { readonly ok: false; readonly code: RevocationListFault; readonly detail: string }

/** A list that is well-formed and of a kind that is not used. */
class UnusableList extends DerError {
  readonly code: RevocationListFault

  constructor(code: RevocationListFault, message: string) {
    super(message)
    this.code = code
  }
}

/** Reads the DER of a CertificateList, at most 1 MiB. Never throws. */
export function readRevocationList(der: Uint8Array): ReadRevocationList {
  const list = tryRead(() => readList(parseDer(copyInput(der, limits.bytes), limits.elements)))
  if (!(list instanceof DerError)) return { ok: true, list }
  const code = list instanceof UnusableList ? list.code : list.fault
  return { ok: false, code, detail: list.message }
}

function readList(element: DerElement): RevocationList {
  const { tbs, signatureAlgorithm, signature } = readSigned(element, 'the revocation list')
  const inner = openFields(tbs, 'tbsCertList')
  const version = inner.takeIf(tags.integer)
  const innerAlgorithm = inner.take(tags.sequence, 'signature')
  const issuer = inner.take(tags.sequence, 'issuer')
  const thisUpdate = readCertificateTime(inner.takeAny('thisUpdate'))
  const next = inner.takeIf(tags.utcTime) ?? inner.takeIf(tags.generalizedTime)
  const revoked = inner.takeIf(tags.sequence)?.children ?? []
  const extensions = inner.takeIf(contextTag(0))
  inner.end()
  if (version === undefined || readSmallInteger(version, 'the version') !== 1) {
    throw new UnusableList('UNSUPPORTED_CRL', 'the revocation list is not of version 2')
  }
  checkAlgorithms(innerAlgorithm, signatureAlgorithm, 'the revocation list')
  // RFC 5280 section 5.1.2.5: without it, nobody knows how long the list speaks.
  if (next === undefined) throw new UnusableList('UNSUPPORTED_CRL', 'there is no nextUpdate')
  const [list] = extensions?.children ?? []
  const known = list === undefined ? new Map<string, RawExtension>() : readExtensionList(list)
  if (known.has(revocationOids.deltaIndicator)) {
    throw new UnusableList('DELTA_CRL', 'a delta CRL lists changes only; give the complete list')
  }
  refuseCritical(known, listExtensions)
  const expired = known.get(revocationOids.expiredCertificates)?.octets.content
  return {
    issuer,
    thisUpdate,
    nextUpdate: readCertificateTime(next),
    entries: revoked.map(readEntry),
    scope: readScope(known.get(revocationOids.issuingDistributionPoint)?.octets.content),
    keepsExpiredSince: expired === undefined ? undefined : readCertificateTime(parseDer(expired)),
    tbs: tbs.raw,
    signatureAlgorithm,
    signature,
  }
}

const listExtensions: ReadonlySet<string> = new Set([
  revocationOids.crlNumber,
  revocationOids.issuingDistributionPoint,
  revocationOids.expiredCertificates,
  certificateOids.authorityKeyIdentifier,
])
const entryExtensions: ReadonlySet<string> = new Set([
  revocationOids.reasonCode,
  revocationOids.invalidityDate,
])

/** RFC 5280 sections 5.2 and 5.3: a list with a critical extension that is unknown says nothing. */
function refuseCritical(
  extensions: ReadonlyMap<string, RawExtension>,
  understood: ReadonlySet<string>,
): void {
  for (const [oid, { critical }] of extensions) {
    if (critical && !understood.has(oid)) {
      throw new UnusableList('UNSUPPORTED_CRL', `the extension ${oid} is critical and unknown`)
    }
  }
}

function readEntry(element: DerElement): RevokedEntry {
  const fields = openFields(element, 'an entry')
  const serial = fields.take(tags.integer, 'userCertificate').content
  const revokedAt = readCertificateTime(fields.takeAny('revocationDate'))
  const list = fields.takeIf(tags.sequence)
  fields.end()
  if (list === undefined) return { serial, from: revokedAt, reason: undefined }
  const extensions = readExtensionList(list)
  if (extensions.has(revocationOids.certificateIssuer)) {
    throw new UnusableList('INDIRECT_CRL', 'an entry is about a certificate of another issuer')
  }
  refuseCritical(extensions, entryExtensions)
  const reason = extensions.get(revocationOids.reasonCode)?.octets.content
  const invalid = extensions.get(revocationOids.invalidityDate)?.octets.content
  const since = invalid === undefined ? revokedAt : readCertificateTime(parseDer(invalid))
  return {
    serial,
    from: Math.min(revokedAt, since),
    reason: reason === undefined ? undefined : readReason(parseDer(reason)),
  }
}

function readReason(element: DerElement): number {
  if (element.tag !== tags.enumerated) throw new DerError('a reason is no ENUMERATED')
  return readSmallInteger(element, 'a reason')
}

const reasonNames: readonly string[] = [
  'unspecified',
  'keyCompromise',
  'cACompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'certificateHold',
  'reason 7',
  'removeFromCRL',
  'privilegeWithdrawn',
  'aACompromise',
]

/** The name of a CRLReason (RFC 5280 section 5.3.1). */
export function reasonName(reason: number | undefined): string {
  return reason === undefined ? 'without a reason' : (reasonNames[reason] ?? `reason ${reason}`)
}

/** issuingDistributionPoint (RFC 5280 section 5.2.5); each part under an IMPLICIT tag but the name. */
function readScope(der: Bytes | undefined): Scope {
  if (der === undefined) return { only: 'all', names: undefined }
  const fields = openFields(parseDer(der), 'issuingDistributionPoint')
  const point = fields.takeIf(contextTag(0))
  const users = fields.takeIf(contextValueTag(1))
  const cas = fields.takeIf(contextValueTag(2))
  const reasons = fields.takeIf(contextValueTag(3))
  const indirect = fields.takeIf(contextValueTag(4))
  const attributes = fields.takeIf(contextValueTag(5))
  fields.end()
  if (indirect !== undefined) {
    throw new UnusableList('INDIRECT_CRL', 'it lists certificates of other issuers')
  }
  if (reasons !== undefined || attributes !== undefined || (users && cas)) {
    throw new UnusableList(
      'UNSUPPORTED_CRL',
      'it lists some reasons or attribute certificates only',
    )
  }
  return {
    only: users ? 'users' : cas ? 'cas' : 'all',
    names: point === undefined ? undefined : readPointNames(point),
  }
}

/** The full names of a DistributionPointName; a name relative to the issuer gives none. */
function readPointNames(point: DerElement): Bytes[] {
  const full = point.children.find(({ tag }) => tag === contextTag(0))
  return full?.children.map(({ raw }) => raw) ?? []
}

/**
 * Whether a list that does not name `certificate` shows that it was not revoked at `moment`: it is
 * about such certificates, was in force then or is newer, and has not forgotten it for its age
 * (RFC 5280 section 6.3.3).
 */
export function covers(list: RevocationList, certificate: Certificate, moment: number): boolean {
  const { only, names } = list.scope
  const isCa = certificate.extensions.basicConstraints?.ca === true
  if (only === (isCa ? 'users' : 'cas')) return false
  if (names !== undefined && !isAt(certificate, names)) return false
  const remembers = list.keepsExpiredSince ?? list.thisUpdate
  return moment <= list.nextUpdate && remembers <= certificate.notAfter
}

/** Whether the certificate says that this distribution point speaks for it (section 6.3.3 (b)(2)). */
function isAt(certificate: Certificate, names: readonly Bytes[]): boolean {
  const points = certificate.extensions.distributionPoints
  const read = tryRead(() => (points === undefined ? undefined : parseDer(points)))
  if (read === undefined || read instanceof DerError) return false
  const own = read.children
    .flatMap(({ children }) => children.filter(({ tag }) => tag === contextTag(0)))
    .flatMap(readPointNames)
  return own.some((name) => names.some((other) => equalBytes(name, other)))
}
