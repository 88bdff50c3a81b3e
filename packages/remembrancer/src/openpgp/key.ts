/**
 * OpenPGP signatures (RFC 9580) by keys of the trust policy. The library is large: it is loaded on
 * first use.
 */
import { encodeHex } from '@vaultmesh/merkle/bytes'
import type { Key, SignaturePacket, Subkey } from 'openpgp'
import { isOneSignaturePacket } from './packet.ts'

/** Why a key may not have signed at a time, or why that can't be known. */
export interface KeyObjection {
  readonly status: 'untrusted' | 'missing'
  readonly detail: string
}

/** A public key of the policy, ready to verify. */
export interface OpenPgpKey {
  /** The fingerprint of the primary key: one person's subkeys count as one signer. */
  readonly fingerprint: string
  /** The fingerprints of the primary key and its subkeys, hex. */
  readonly fingerprints: readonly string[]
  /** What is wrong with a signature over `data` by the key or subkey of a fingerprint. */
  verify(fingerprint: string, data: Uint8Array, sig: Uint8Array): Promise<string | undefined>
  /** What speaks against a signature that verified, at its attested time where there is one. */
  judge(
    fingerprint: string,
    sig: Uint8Array,
    attested: Date | undefined,
  ): Promise<KeyObjection | undefined>
}

/** How far the signer's clock may be ahead of the authority's, in milliseconds. */
const allowedSkew: number = 5 * 60 * 1000

type OpenPgp = typeof import('openpgp')
type Signer = Key | Subkey

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

async function readPacket(openpgp: OpenPgp, sig: Uint8Array): Promise<SignaturePacket | string> {
  if (!isOneSignaturePacket(sig)) return 'is not exactly one binary OpenPGP signature packet'
  try {
    const { packets } = await openpgp.readSignature({ binarySignature: sig })
    return packets[0] ?? 'is of a version that is not supported'
  } catch (error) {
    return messageOf(error)
  }
}

async function verifyPacket(
  openpgp: OpenPgp,
  signer: Signer,
  packet: SignaturePacket,
  data: Uint8Array,
): Promise<string | undefined> {
  const { enums } = openpgp
  const { hashAlgorithm, issuerFingerprint, created } = packet
  if (packet.signatureType !== enums.signature.binary) return 'is not of type 0x00 (binary)'
  const hashes: readonly (number | null)[] = [
    enums.hash.sha256,
    enums.hash.sha384,
    enums.hash.sha512,
  ]
  if (!hashes.includes(hashAlgorithm)) return 'does not use SHA-256, SHA-384 or SHA-512'
  if (issuerFingerprint !== null && encodeHex(issuerFingerprint) !== signer.getFingerprint()) {
    return 'names another issuer than its keyid'
  }
  if (created === null) return 'has no creation time'
  const { packets } = await openpgp.createMessage({ binary: data })
  try {
    // As of its own claim: whether the key was valid is asked at the attested time, by `judge`.
    const literal = packets[0] ?? data
    await packet.verify(signer.keyPacket, enums.signature.binary, literal, created, true)
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

async function judgeAt(
  key: Key,
  signer: Signer,
  packet: SignaturePacket,
  attested: Date | undefined,
): Promise<KeyObjection | undefined> {
  try {
    // Looks at revocations, expiry, key flags and strength. A hard revocation counts at any time.
    await key.getSigningKey(signer.getKeyID(), attested ?? null)
  } catch (error) {
    return { status: 'untrusted', detail: messageOf(error) }
  }
  const expiries: readonly (Date | number | null)[] = [
    packet.getExpirationTime(),
    await key.getExpirationTime(),
    // Without a date the library would look at the clock.
    'mainKey' in signer ? await signer.getExpirationTime(packet.created ?? undefined) : null,
  ]
  if (attested === undefined) {
    const expires = expiries.some((expiry) => expiry instanceof Date)
    return expires
      ? {
          status: 'missing',
          detail: 'the OpenPGP key or signature expires, and no time is attested',
        }
      : undefined
  }
  // Either its claim is false, or the token says nothing of this signature's time.
  if (packet.created !== null && packet.created.getTime() > attested.getTime() + allowedSkew) {
    return {
      status: 'untrusted',
      detail: 'the signature says that it was made after the time that attests it',
    }
  }
  return attested >= packet.getExpirationTime()
    ? { status: 'untrusted', detail: 'the signature had expired' }
    : undefined
}

/** Reads a binary transferable public key; undefined where it is not exactly one such key. */
export async function readOpenPgpKey(publicKey: Uint8Array): Promise<OpenPgpKey | undefined> {
  const openpgp = await import('openpgp')
  const keys = await openpgp.readKeys({ binaryKeys: publicKey }).catch(() => [])
  const [key] = keys
  if (key === undefined || keys.length > 1 || key.isPrivate()) return undefined
  const signers = new Map<string, Signer>(
    key.getKeys().map((signer) => [signer.getFingerprint(), signer]),
  )
  return {
    fingerprint: key.getFingerprint(),
    fingerprints: [...signers.keys()],
    async verify(fingerprint, data, sig) {
      const signer = signers.get(fingerprint)
      if (signer === undefined) return 'is by a key that this one does not hold'
      const packet = await readPacket(openpgp, sig)
      return typeof packet === 'string' ? packet : verifyPacket(openpgp, signer, packet, data)
    },
    async judge(fingerprint, sig, attested) {
      const signer = signers.get(fingerprint)
      const packet = await readPacket(openpgp, sig)
      if (signer === undefined || typeof packet === 'string') {
        return { status: 'untrusted', detail: 'the signature does not verify' }
      }
      return judgeAt(key, signer, packet, attested)
    },
  }
}
