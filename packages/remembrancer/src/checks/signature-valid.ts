import type { Entry } from '../entry.ts'
import { preAuthenticationEncoding } from '../envelope.ts'
import { type Outcome, pass, stop } from './check.ts'
import type { TrustedSignature } from './trusted-signature.ts'

/** A signature that does not verify was made over another record, or by nobody. */
export async function checkSignatureValid(
  { payload }: Entry,
  trusted: readonly TrustedSignature[],
): Promise<Outcome<readonly TrustedSignature[]>> {
  const data = preAuthenticationEncoding(payload)
  for (const { index, key, verify } of trusted) {
    const problem = await verify(data)
    if (problem !== undefined) {
      return stop('fail', `signature ${index}, in the name of ${key.name}: ${problem}`)
    }
  }
  return pass('every signature by a trusted key verifies', trusted)
}
