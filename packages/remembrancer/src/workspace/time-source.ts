/** The embedded time authority: it stamps in this process, with a clock that this machine sets. */
import { createHash, type KeyObject, randomBytes, X509Certificate } from 'node:crypto'
import {
  createTimestampRequest,
  parseTimestamp,
  type TimeAuthority,
  verifyTimestamp,
} from '@vaultmesh/tsp'
import { createAuthority } from '@vaultmesh/tsp/node'
import { RemembrancerError } from '../errors.ts'

/** The SHA-256 of the SubjectPublicKeyInfo of a certificate: its pin, and its key's name. */
export function pinOf(certificate: Uint8Array): Uint8Array {
  const spki = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' })
  return new Uint8Array(createHash('sha256').update(spki).digest())
}

/** What the embedded authority is made of. */
export interface EmbeddedAuthority {
  readonly privateKey: KeyObject
  /** DER. */
  readonly certificate: Uint8Array
  readonly clock: () => Date
  /** Whom the workspace's policy trusts: a token that they would refuse is never logged. */
  readonly authorities: readonly TimeAuthority[]
}

/** A token that verified. */
export interface Attested {
  /** DER of a bare TimeStampToken. */
  readonly token: Uint8Array
  /** DER of the whole TimeStampResp that held it. */
  readonly response: Uint8Array
  /** RFC 3339. */
  readonly time: string
}

/** A time authority that is asked for tokens. */
export interface TimeSource {
  /** No token is longer. */
  readonly maxTokenBytes: number
  /** A token over an imprint: 32 bytes of SHA-256. */
  attest(imprint: Uint8Array): Promise<Attested>
}

function refused(reason: string): RemembrancerError {
  return new RemembrancerError(
    'TIMESTAMP_REFUSED',
    `The embedded time authority gave no token that this workspace's own policy accepts: ${reason}. Look at the clock, and at timeAuthorities in trust/policy.yaml.`,
  )
}

/** Tokens of the embedded authority, each verified before it is given out. */
export function embeddedSource(embedded: EmbeddedAuthority): TimeSource {
  const { privateKey, certificate, clock, authorities } = embedded
  const authority = createAuthority({ privateKey, certificate, clock })
  return {
    maxTokenBytes: 4096,
    async attest(imprint) {
      const nonce = randomBytes(16)
      const request = createTimestampRequest({ imprint, nonce, certificates: true })
      const response = authority.respond(request)
      const answer = parseTimestamp(response)
      if (!answer.ok) throw refused(answer.detail)
      const { token } = answer
      const verdict = await verifyTimestamp(token, { digest: imprint, nonce, authorities })
      if (verdict.genTimeText !== undefined) return { token, response, time: verdict.genTimeText }
      const failed = verdict.checks.find(
        ({ status }) => status === 'fail' || status === 'untrusted',
      )
      throw refused(`${failed?.id}: ${failed?.detail}`)
    },
  }
}
