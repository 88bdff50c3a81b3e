/** Pins of time authorities, as a user gives them. */
import { decodeHex } from '@vaultmesh/merkle/bytes'
import { summarizeCertificate } from '@vaultmesh/tsp'
import type { Context } from './command.ts'
import { VmError } from './errors.ts'
import { readCertificates } from './timestamps.ts'

/**
 * The SHA-256 of a public key: 64 hex digits (in either case, as fingerprints are printed), or the
 * name of a file with the one certificate that holds the key.
 *
 * @throws {VmError} `VM_USAGE`
 */
export async function readPin(context: Context, text: string): Promise<Uint8Array> {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return decodeHex(text.toLowerCase()) ?? new Uint8Array()
  const [certificate, ...others] = await readCertificates(context, text)
  const summary = certificate === undefined ? undefined : await summarizeCertificate(certificate)
  if (summary === undefined || others.length > 0) {
    throw new VmError('VM_USAGE', `${text} does not hold exactly one certificate`, {
      hint: 'give the certificate of the key that signs the tokens',
    })
  }
  return summary.pin
}
