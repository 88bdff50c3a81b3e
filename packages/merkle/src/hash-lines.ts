/** Hashes as text, one base64 line each, as proofs are written. */
import { decodeBase64 } from './bytes.ts'
import { hashLength } from './rfc6962.ts'

/** The hashes of `lines`, or what is wrong with them; at most `maxCount` are taken. */
export function decodeHashLines(
  lines: readonly string[],
  maxCount: number,
): readonly Uint8Array[] | string {
  if (lines.length > maxCount) return `a proof has at most ${maxCount} hashes`
  const hashes: Uint8Array[] = []
  for (const [i, line] of lines.entries()) {
    const hash = decodeBase64(line)
    if (hash?.length !== hashLength) return `hash ${i + 1} is not base64 of 32 bytes`
    hashes.push(hash)
  }
  return hashes
}
