/** Forgeries of the CMS around what is signed. */
import { contextTag, tags } from '../../src/der.ts'
import {
  writeElement,
  writeExplicit,
  writeInteger,
  writeOctets,
  writeOid,
  writeSequence,
} from '../../src/der-write.ts'
import { attributeOids, contentOids, digestOids } from '../../src/oids.ts'
import {
  attribute,
  data,
  digestIdentifier,
  forge,
  hash,
  info,
  leaf,
  signingCertificateV2,
} from '../forge.ts'
import { essAttribute, type ForgeryRow, someOid, withAttributes } from './shapes.ts'

export const signedDataForgeries: readonly ForgeryRow[] = [
  ['SignedData version 1', 'token.signed-data', () => forge({ version: writeInteger(1) })],
  ['SignedData version 5', 'token.signed-data', () => forge({ version: writeInteger(5) })],
  [
    'a signature over another content type',
    'token.content-type',
    () => forge({ contentType: someOid }),
  ],
  ['a detached signature', 'token.content-type', () => forge({ content: [] })],
  [
    'content that is no OCTET STRING',
    'token.signed-data',
    () => forge({ content: [writeExplicit(0, info())] }),
  ],
  ['no SignerInfo', 'token.signer-info', () => forge({ signerInfos: () => [] })],
  ['two SignerInfos', 'token.signer-info', () => forge({ signerInfos: (one) => [one, one] })],
  [
    'SignerInfo version 3 with issuer and serial number',
    'token.signer-info',
    () => forge({ signerVersion: writeInteger(3) }),
  ],
  [
    'a CMS digest by SHA-1',
    'token.digest-algorithm',
    () => forge({ digestAlgorithm: digestIdentifier('sha1') }),
  ],
  [
    'digestAlgorithms that does not list the digest of the signer',
    'token.digest-algorithm',
    () => forge({ digestAlgorithms: [digestIdentifier('sha512')] }),
  ],
  [
    'digestAlgorithms that lists another one too',
    'token.digest-algorithm',
    () => forge({ digestAlgorithms: [digestIdentifier('sha256'), digestIdentifier('sha512')] }),
  ],
  [
    'a digest algorithm with parameters',
    'token.digest-algorithm',
    () => forge({ digestAlgorithm: writeSequence(writeOid(digestOids.sha256), writeInteger(1)) }),
  ],
  [
    'no signed attributes: a signature over the TSTInfo itself',
    'token.signed-attributes',
    () => forge({ signedAttributes: undefined }),
  ],
  [
    'a signed attribute that stands twice',
    'token.signed-attributes',
    () => withAttributes({ other: attribute(attributeOids.messageDigest, writeOctets(data)) }),
  ],
  [
    'a signed attribute with two values',
    'token.signed-attributes',
    () => withAttributes({ other: attribute(someOid, writeInteger(1), writeInteger(2)) }),
  ],
  [
    'signed attributes out of order',
    'token.signed-attributes',
    () => {
      const attributes = [
        attribute(attributeOids.messageDigest, writeOctets(hash('sha256', info()))),
        attribute(attributeOids.contentType, writeOid(contentOids.tstInfo)),
        essAttribute(signingCertificateV2(leaf)),
      ]
      return forge({ signedAttributes: writeElement(contextTag(0), ...attributes) })
    },
  ],
  [
    'no contentType attribute',
    'token.content-type-attribute',
    () => withAttributes({ contentType: undefined }),
  ],
  [
    'a contentType attribute for another type',
    'token.content-type-attribute',
    () => withAttributes({ contentType: attribute(attributeOids.contentType, writeOid(someOid)) }),
  ],
  [
    'no messageDigest attribute',
    'token.message-digest',
    () => withAttributes({ messageDigest: undefined }),
  ],
  [
    'a messageDigest of another TSTInfo',
    'token.message-digest',
    () => {
      const digest = writeOctets(hash('sha256', info({ serial: writeInteger(43) })))
      return withAttributes({ messageDigest: attribute(attributeOids.messageDigest, digest) })
    },
  ],
  [
    'a right messageDigest that is no OCTET STRING',
    'token.message-digest',
    () => {
      const digest = writeElement(tags.utf8String, hash('sha256', info()))
      return withAttributes({ messageDigest: attribute(attributeOids.messageDigest, digest) })
    },
  ],
]
