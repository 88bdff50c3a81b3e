/** What a renewal stamps: docs/formats/timestamp-chain.md. */
import { type Bytes, encodeHex } from '../bytes.ts'
import { type DigestName, digestBytes } from '../digest.ts'
import type { ChainLink } from './format.ts'

/**
 * The text that the tokens of a new link stamp: everything before them, and the revocation lists
 * that they take along, each by a digest of the new tokens' own algorithm. So nothing rests on the
 * older algorithm any more (RFC 4998 section 5.2).
 *
 * `links` are all before the new one, `revocation` is the new one's, `data` the digest of the data.
 */
export async function renewalMessage(
  links: readonly ChainLink[],
  revocation: readonly Uint8Array[],
  data: Uint8Array,
  name: DigestName,
): Promise<Bytes> {
  const lines = ['vaultmesh-timestamp-renewal/v0', `digest ${name}`, `data ${encodeHex(data)}`]
  const add = async (word: string, items: readonly Uint8Array[]) => {
    for (const item of items) {
      lines.push(`${word} ${encodeHex(await digestBytes(name, new Uint8Array(item)))}`)
    }
  }
  for (const [index, link] of links.entries()) {
    lines.push(`link ${index}`)
    await add('crl', link.revocation)
    await add('token', link.tokens)
  }
  lines.push(`link ${links.length}`)
  await add('crl', revocation)
  return new TextEncoder().encode(`${lines.join('\n')}\n`)
}
