import { encodeHex } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import { encodeBody, type MemoryRecord } from '../record.ts'
import { type Outcome, pass, stop } from './check.ts'

/** A text that is shown beside a record must be the one that its subject digests. */
export function checkRecordBody(record: MemoryRecord): Outcome<true> {
  const { body, subject } = record
  if (body === undefined) return pass('no body stands inline', true)
  const digest = encodeHex(sha256(encodeBody(body)))
  return subject[0]?.digest['sha256'] === digest
    ? pass('the inline body hashes to the digest of the subject', true)
    : stop('fail', `the inline body hashes to ${digest}, which is not the digest of the subject`)
}
