/** Signs with the key of an authority. */
import { type KeyObject, sign } from 'node:crypto'
import { tags } from '../der.ts'
import { writeElement, writeOid, writeSequence } from '../der-write.ts'
import { keyOids } from '../oids.ts'
import type { CertificateSigner } from './certificate.ts'

/** ECDSA or RSA PKCS #1 v1.5, by the kind of the key, over SHA-256. */
export function signerOf(privateKey: KeyObject): CertificateSigner {
  // RFC 5758 section 3.2 and RFC 4055 section 5: no parameters for ECDSA, NULL for RSA.
  const algorithm =
    privateKey.asymmetricKeyType === 'rsa'
      ? writeSequence(writeOid(keyOids.rsaSha256), writeElement(tags.null))
      : writeSequence(writeOid(keyOids.ecdsaSha256))
  return {
    algorithm,
    sign: (bytes) => sign('sha256', bytes, { key: privateKey, dsaEncoding: 'der' }),
  }
}

/** Whether keys of this kind are supported: P-256, and RSA of 2048 to 8192 bits. */
export function isSupportedKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  const { namedCurve, modulusLength = 0 } = asymmetricKeyDetails ?? {}
  if (asymmetricKeyType === 'rsa') return modulusLength >= 2048 && modulusLength <= 8192
  return namedCurve === 'prime256v1'
}
