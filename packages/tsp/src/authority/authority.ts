/** A small time authority: answers requests with tokens of its own. */
import { createPublicKey, hash, type KeyObject, X509Certificate } from 'node:crypto'
import { equalBytes } from '../bytes.ts'
import { type Certificate, parseCertificate } from '../certificate.ts'
import { extendedKeyUsageProblem } from '../checks/extended-key-usage.ts'
import { keyUsageProblem } from '../checks/key-usage.ts'
import { leafProblem } from '../checks/leaf.ts'
import { DerError, tryRead } from '../der.ts'
import { writeOid } from '../der-write.ts'
import { TspError } from '../errors.ts'
import { newSerial } from './keys.ts'
import { readRequest } from './read-request.ts'
import { isSupportedKey, signerOf } from './signer.ts'
import { type TokenSigner, writeGranted, writeRejection } from './token.ts'

/**
 * The policy where none is named: anyPolicy (RFC 5280 section 4.2.1.4), a token under no particular
 * promise. An OID out of a UUID would say as much, but readers that hold an arc in 32 bits, Go's
 * among them, refuse the whole token for it.
 */
export const defaultPolicy = '2.5.29.32.0'

/** The longest serial number, in bytes (RFC 3161 section 2.4.2: 160 bits). */
const longestSerial = 20

/** What {@link createAuthority} is told. */
export interface AuthorityOptions {
  /** P-256, or RSA of 2048 to 8192 bits. */
  readonly privateKey: KeyObject
  /** DER: the certificate of that key. */
  readonly certificate: Uint8Array
  /** DER: the certificate that signed it. If given, this is checked. */
  readonly anchor?: Uint8Array | undefined
  /** DER: CAs between the certificate and the anchor, embedded with it. */
  readonly chain?: readonly Uint8Array[] | undefined
  /** Whether the certificate is never embedded; then a request for it is rejected. */
  readonly withholdsCertificate?: boolean | undefined
  /** The dotted OID of the one policy under which tokens are made. */
  readonly policy?: string | undefined
  /** How far the clock may be off, in whole seconds from 1. Tokens state none if absent. */
  readonly accuracy?: number | undefined
  /** The time that tokens state. The machine's clock if absent. */
  readonly clock?: (() => Date) | undefined
  /**
   * A new serial number for each token: 1 to 20 bytes, unsigned. 16 random bytes if absent;
   * `openSerials` counts as well.
   */
  readonly serial?: (() => Uint8Array) | undefined
}

/** Answers requests. */
export interface Authority {
  /**
   * Takes a TimeStampReq and gives a TimeStampResp, both DER. A request that can't be served gives
   * a rejection with its PKIFailureInfo; nothing throws because of it.
   */
  respond(request: Uint8Array): Uint8Array
}

/**
 * Makes an authority. It keeps nothing between requests: it does not promise that a later token
 * has a later time (its tokens leave `ordering` out).
 *
 * Throws {@link TspError}: `KEY_TYPE` for a key that is neither P-256 nor RSA of 2048 to 8192 bits, `INVALID_CERTIFICATE` for a
 * certificate that is not for time-stamping or not signed by `anchor`, `KEY_MISMATCH` where key and
 * certificate do not belong together, `INVALID_OID` for the policy, `INVALID_ARGUMENT` for the
 * accuracy.
 */
export function createAuthority(options: AuthorityOptions): Authority {
  const {
    privateKey,
    policy = defaultPolicy,
    accuracy,
    clock = () => new Date(),
    serial = newSerial,
  } = options
  writeOid(policy)
  if (accuracy !== undefined && !(Number.isSafeInteger(accuracy) && accuracy > 0)) {
    throw new TspError('INVALID_ARGUMENT', `accuracy is whole seconds from 1, not ${accuracy}`)
  }
  const certificate = readOwnCertificate(options)
  const signer: TokenSigner = {
    ...signerOf(privateKey),
    certificate,
    embedded: [certificate.raw, ...(options.chain ?? []).map((der) => readOwn(der).raw)],
    hash: (bytes) => hash('sha256', bytes, 'buffer'),
  }
  return {
    respond(bytes) {
      const request = readRequest(bytes)
      if ('failure' in request) return writeRejection(request)
      if (request.policy !== undefined && request.policy !== policy) {
        return writeRejection({ failure: 'unacceptedPolicy', text: `the one policy is ${policy}` })
      }
      if (request.certificates && options.withholdsCertificate === true) {
        const text = 'the certificate of this authority is not embedded in its tokens'
        return writeRejection({ failure: 'addInfoNotAvailable', text })
      }
      const time = clock().getTime()
      if (Number.isNaN(time)) {
        return writeRejection({ failure: 'timeNotAvailable', text: 'the clock has no time' })
      }
      if (time < certificate.notBefore || time > certificate.notAfter) {
        const text = 'the certificate of this authority is not valid now'
        return writeRejection({ failure: 'systemFailure', text })
      }
      const content = {
        request,
        policy,
        serial: checkedSerial(serial()),
        time,
        accuracy,
      }
      return writeGranted(content, signer)
    },
  }
}

function checkedSerial(serial: Uint8Array): Uint8Array {
  if (serial.length === 0 || serial.length > longestSerial) {
    throw new TspError('INVALID_ARGUMENT', `serial gave ${serial.length} bytes, not 1 to 20`)
  }
  return serial
}

function readOwnCertificate(options: AuthorityOptions): Certificate {
  const { privateKey, anchor } = options
  if (!isSupportedKey(privateKey)) {
    throw new TspError('KEY_TYPE', 'privateKey is neither P-256 nor RSA of 2048 to 8192 bits')
  }
  const certificate = readOwn(options.certificate)
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  if (!equalBytes(spki, certificate.spki.raw)) {
    throw new TspError('KEY_MISMATCH', 'certificate is not that of privateKey')
  }
  const problem =
    leafProblem(certificate) ?? extendedKeyUsageProblem(certificate) ?? keyUsageProblem(certificate)
  if (problem !== undefined) throw new TspError('INVALID_CERTIFICATE', problem)
  if (anchor !== undefined && !isIssuedBy(certificate.raw, anchor)) {
    throw new TspError('INVALID_CERTIFICATE', 'certificate is not signed by anchor')
  }
  return certificate
}

function readOwn(der: Uint8Array): Certificate {
  const certificate = tryRead(() => parseCertificate(der))
  if (!(certificate instanceof DerError)) return certificate
  throw new TspError('INVALID_CERTIFICATE', `a certificate can't be read: ${certificate.message}`)
}

function isIssuedBy(certificate: Uint8Array, anchor: Uint8Array): boolean {
  try {
    const issuer = new X509Certificate(anchor)
    const leaf = new X509Certificate(certificate)
    return leaf.checkIssued(issuer) && leaf.verify(issuer.publicKey)
  } catch {
    return false
  }
}
