/** From a record to an entry: sign, then timestamp the signatures. */
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import { type Entry, encodeEntry, maxEntryBytes, maxSignatures, maxTimestamps } from './entry.ts'
import { preAuthenticationEncoding } from './envelope.ts'
import { RemembrancerError } from './errors.ts'
import type { MemoryRecord } from './record.ts'
import type { RecordSigner } from './signer.ts'

/** Where time tokens come from: an authority in this process, or one at the other end of a network. */
export interface TimestampSource {
  /** No token is longer; 8192 bytes unless told otherwise. */
  readonly maxTokenBytes?: number
  /** The DER of a bare TimeStampToken over an imprint: 32 bytes of SHA-256. */
  stamp(imprint: Uint8Array): Promise<Uint8Array>
}

/** What a record is sealed with. Every source stamps every signature. */
export interface Seal {
  readonly signers: readonly RecordSigner[]
  readonly sources: readonly TimestampSource[]
}

const defaultTokenBytes = 8192

function algorithmOf(keyid: string): 'ed25519' | 'openpgp' {
  return keyid.startsWith('openpgp:') ? 'openpgp' : 'ed25519'
}

function tooLarge(bytes: number): RemembrancerError {
  return new RemembrancerError(
    'RECORD_TOO_LARGE',
    `With its signatures and tokens this record could take ${bytes} bytes; at most ${maxEntryBytes} fit into one entry of a log. Shorten the record, or use fewer keys or time authorities.`,
  )
}

function checkCounts({ signers, sources }: Seal): void {
  const tokens = signers.length * sources.length
  if (signers.length < 1 || signers.length > maxSignatures || tokens > maxTimestamps) {
    throw new RemembrancerError(
      'SIGNER_FAILED',
      `An entry holds 1 to ${maxSignatures} signatures and at most ${maxTimestamps} tokens; this would be ${signers.length} and ${tokens}.`,
    )
  }
}

// A stand-in of the greatest size: a key that signed what can't be logged has signed in vain.
function largest(record: MemoryRecord, { signers, sources }: Seal): number {
  const timestamps = signers.flatMap((_, over) =>
    sources.map(({ maxTokenBytes = defaultTokenBytes }) => ({
      der: new Uint8Array(maxTokenBytes),
      over,
    })),
  )
  const signatures = signers.map(({ keyid, maxSignatureBytes }) => ({
    keyid,
    algorithm: algorithmOf(keyid),
    sig: new Uint8Array(maxSignatureBytes),
  }))
  return encodeEntry({ payload: record.bytes, signatures, timestamps }).length
}

/**
 * Signs a record with every signer, has every source stamp every signature, and gives the entry.
 *
 * @throws RemembrancerError RECORD_TOO_LARGE before anything is signed, where the entry might not
 * fit; SIGNER_FAILED for a number of signatures or tokens that v0 does not allow.
 */
export async function sealRecord(record: MemoryRecord, seal: Seal): Promise<Entry> {
  checkCounts(seal)
  const bound = largest(record, seal)
  if (bound > maxEntryBytes) throw tooLarge(bound)
  const data = preAuthenticationEncoding(record.bytes)
  const signatures = await Promise.all(
    seal.signers.map(async ({ keyid, sign }) => ({
      keyid,
      algorithm: algorithmOf(keyid),
      sig: await sign(data),
    })),
  )
  const timestamps = await Promise.all(
    signatures.flatMap(({ sig }, over) =>
      seal.sources.map(async (source) => ({ der: await source.stamp(sha256(sig)), over })),
    ),
  )
  const entry = { payload: record.bytes, signatures, timestamps }
  const { length } = encodeEntry(entry)
  if (length > maxEntryBytes) throw tooLarge(length)
  return entry
}
