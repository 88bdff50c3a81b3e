import { encodeHex } from '@vaultmesh/merkle/bytes'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import type { ResourceDescriptor } from '../record.ts'
import type { Check } from './check.ts'

/** The check of a file that stands beside a bundle: no part of its verdict. */
export interface BodyCheck extends Omit<Check, 'id' | 'status'> {
  readonly id: 'body.file'
  readonly status: 'pass' | 'fail'
}

/**
 * Whether the bytes of a file are the body that a record speaks about; `subject` is that of the
 * record, undefined where none could be read. It says nothing about the record itself.
 */
export function verifyBody(
  bytes: Uint8Array,
  subject: readonly ResourceDescriptor[] = [],
): BodyCheck {
  const base = { id: 'body.file', reference: 'docs/formats/record.md, "Body"' } as const
  const digest = subject.find(({ name }) => name === 'body')?.digest['sha256']
  if (digest === undefined) {
    return { ...base, status: 'fail', detail: 'the record speaks about no body' }
  }
  return encodeHex(sha256(bytes)) === digest
    ? { ...base, status: 'pass', detail: 'the file is the body that the record speaks about' }
    : { ...base, status: 'fail', detail: 'the file is not the body that the record speaks about' }
}
