/** Reads what was chosen. */
import { parseTimestamp, summarizeCertificate } from '@vaultmesh/tsp'

/** What a file on the page is for; the ids of the inputs. */
export type FileUse = 'data' | 'stamp' | 'root'

/** More than a token may have, and more than a list of certificates needs. */
const longest = { stamp: 65_537, root: 1_048_576 } as const

/** The start of a file, as much as could count. */
async function startOf(file: Blob, use: 'stamp' | 'root'): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, longest[use]).arrayBuffer())
}

/** The bytes of a timestamp; too many if the file has too many. */
export function readStamp(file: Blob): Promise<Uint8Array> {
  return startOf(file, 'stamp')
}

/** The certificates in a file, DER: one in DER, or any number in PEM. Empty if it has none. */
export async function readCertificates(file: Blob): Promise<Uint8Array[]> {
  const bytes = await startOf(file, 'root')
  if ((await summarizeCertificate(bytes)) !== undefined) return [bytes]
  const text = new TextDecoder().decode(bytes)
  const blocks = text.matchAll(/-----BEGIN CERTIFICATE-----([\s\S]+?)-----END CERTIFICATE-----/g)
  const found = [...blocks].map(([, body = '']) => decodeBase64(body))
  const readable = await Promise.all(found.map(summarizeCertificate))
  return readable.includes(undefined) ? [] : found
}

function decodeBase64(text: string): Uint8Array {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return new Uint8Array()
  }
}

/** What a dropped file is for, by its name or else by what is in it. */
export async function guessUse(file: File): Promise<FileUse> {
  if (/\.(tsr|tst|tok|p7s)$/i.test(file.name)) return 'stamp'
  if (/\.(pem|crt|cer)$/i.test(file.name)) return 'root'
  if (parseTimestamp(await readStamp(file)).ok) return 'stamp'
  return (await readCertificates(file)).length > 0 ? 'root' : 'data'
}
