/** Whether this browser, with this page, can verify anything. */
import { decodeHex } from '@vaultmesh/merkle/bytes'
import { verifyEd25519 } from '@vaultmesh/merkle/ed25519'

// RFC 8032 section 7.1, TEST 1: over the empty message.
const publicKey = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
const signature =
  'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b'

/**
 * Why nothing can be verified here, as a sentence, or undefined. Asking also loads what a browser
 * without Ed25519 of its own needs, so that the page works offline from then on.
 */
export async function unableBecause({
  isSecureContext,
  self,
  top,
}: Pick<typeof globalThis, 'isSecureContext' | 'self' | 'top'>): Promise<string | undefined> {
  // What frames a page can cut out of it what it likes, such as a verdict without its policy.
  if (self !== top) return 'This page is shown inside of another one.'
  if (!isSecureContext) {
    return 'This page was loaded without TLS, and browsers have no cryptography for such pages.'
  }
  const message = new Uint8Array()
  const [key = message, sig = message] = [decodeHex(publicKey), decodeHex(signature)]
  const holds = await verifyEd25519(key, message, sig).catch(() => false)
  return holds ? undefined : 'This browser can not check Ed25519 signatures.'
}
