/** Ed25519 by WebCrypto. */

function importKey(publicKey: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
}

/** The key of RFC 8032 section 7.1, test 1: a backend that can't import it has no Ed25519. */
const knownKey = Uint8Array.from([
  ...[0xd7, 0x5a, 0x98, 0x01, 0x82, 0xb1, 0x0a, 0xb7, 0xd5, 0x4b, 0xfe, 0xd3, 0xc9, 0x64, 0x07],
  ...[0x3a, 0x0e, 0xe1, 0x72, 0xf3, 0xda, 0xa6, 0x23, 0x25, 0xaf, 0x02, 0x1a, 0x68, 0xf7, 0x07],
  ...[0x51, 0x1a],
])

let webCrypto: Promise<boolean> | undefined

/** Whether there is WebCrypto (a page without TLS has none) and it knows Ed25519. Asked once. */
export function hasWebCrypto(): Promise<boolean> {
  webCrypto ??= Promise.resolve(knownKey)
    .then(importKey)
    .then(
      () => true,
      () => false,
    )
  return webCrypto
}

/** Checks a signature of acceptable shape; false too where the backend fails. */
export async function verifyWithWebCrypto(
  publicKey: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
  signature: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  try {
    const key = await importKey(publicKey)
    return await crypto.subtle.verify('Ed25519', key, signature, message)
  } catch {
    // The key is not a point of the curve.
    return false
  }
}
