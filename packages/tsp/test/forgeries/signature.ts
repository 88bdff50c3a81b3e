/** Forgeries of who signed. */
import { sign } from 'node:crypto'
import { contextTag } from '../../src/der.ts'
import {
  writeInteger,
  writeOctets,
  writeOid,
  writeSequence,
  writeSetOf,
} from '../../src/der-write.ts'
import { attributeOids, contentOids, keyOids } from '../../src/oids.ts'
import {
  attribute,
  data,
  digestIdentifier,
  directoryName,
  forge,
  hash,
  info,
  leaf,
  root,
  rsaEncryption,
  signingCertificateV1,
  signingCertificateV2,
} from '../forge.ts'
import { commonName, ecKey, rsaKey, stamper, type TestKey } from '../pki.ts'
import {
  algorithmProtection,
  essAttribute,
  type ForgeryRow,
  other,
  sid,
  someOid,
  withAttributes,
} from './shapes.ts'

export const signatureForgeries: readonly ForgeryRow[] = [
  ['no embedded certificate', 'token.signer-certificate', () => forge({ certificates: [] })],
  [
    'the certificate of another signer',
    'token.signer-certificate',
    () => forge({ certificates: [other.der, root.der] }),
  ],
  [
    'a serial number that names no certificate, although one has the key',
    'token.signer-certificate',
    () => forge({ sid: sid(leaf.issuer, writeInteger(7)) }),
  ],
  [
    'an issuer that names no certificate',
    'token.signer-certificate',
    () => forge({ sid: sid(commonName('other'), leaf.serial) }),
  ],
  [
    "a signer's certificate that can't be read",
    'token.signer-certificate',
    () => forge({ certificates: [writeSequence(writeInteger(1))] }),
  ],
  [
    'two certificates that fit the signer',
    'token.signer-certificate',
    () => {
      const serial = Uint8Array.of(9)
      const [first, second] = [stamper(root, { serial }), stamper(root, { serial })]
      return forge({ signer: first, certificates: [first.der, second.der] })
    },
  ],
  [
    'a signature that names another digest than the SignerInfo',
    'token.signature-algorithm',
    () => {
      const key = ecKey()
      const mixed: TestKey = {
        ...key,
        algorithm: writeSequence(writeOid(keyOids.ecdsaSha384)),
        sign: (bytes) => sign('sha384', bytes, key.privateKey),
      }
      return forge({ signer: stamper(root, { key: mixed }) })
    },
  ],
  [
    'a signature of an unknown kind',
    'token.signature-algorithm',
    () => forge({ signatureAlgorithm: writeSequence(writeOid(someOid)) }),
  ],
  [
    'protected algorithms that are not those of the SignerInfo',
    'token.signature-algorithm',
    () =>
      withAttributes({
        other: algorithmProtection(digestIdentifier('sha256'), rsaEncryption),
      }),
  ],
  [
    'a signature by another key',
    'token.signature',
    () => forge({ signature: other.key.sign(data) }),
  ],
  [
    'a signature of another kind than the key',
    'token.signature',
    () => forge({ signatureAlgorithm: rsaKey('sha256').algorithm }),
  ],
  [
    'an attribute added after signing',
    'token.signature',
    () => {
      const attributes = {
        contentType: attribute(attributeOids.contentType, writeOid(contentOids.tstInfo)),
        messageDigest: attribute(attributeOids.messageDigest, writeOctets(hash('sha256', info()))),
        signingCertificate: essAttribute(signingCertificateV2(leaf)),
      }
      const signed = writeSetOf(Object.values(attributes))
      return forge({
        attributes: { ...attributes, other: attribute(someOid, writeInteger(1)) },
        signature: leaf.key.sign(signed),
      })
    },
  ],
  [
    'a signature over the attributes under their tag [0]',
    'token.signature',
    () => {
      const attributes = [
        attribute(attributeOids.contentType, writeOid(contentOids.tstInfo)),
        attribute(attributeOids.messageDigest, writeOctets(hash('sha256', info()))),
        essAttribute(signingCertificateV2(leaf)),
      ]
      const signedAttributes = writeSetOf(attributes, contextTag(0))
      return forge({ signedAttributes, signature: leaf.key.sign(signedAttributes) })
    },
  ],
  [
    'no ESSCertID',
    'token.signing-certificate',
    () => withAttributes({ signingCertificate: undefined }),
  ],
  [
    'the ESSCertIDv2 of another certificate for the same key',
    'token.signing-certificate',
    () => {
      const again = stamper(root, { key: leaf.key })
      return withAttributes({ signingCertificate: essAttribute(signingCertificateV2(again)) })
    },
  ],
  [
    'an ESSCertIDv2 by SHA-1',
    'token.signing-certificate',
    () => {
      const id = writeSequence(digestIdentifier('sha1'), writeOctets(hash('sha1', leaf.der)))
      return withAttributes({
        signingCertificate: essAttribute(writeSequence(writeSequence(id))),
      })
    },
  ],
  [
    'an ESSCertIDv2 with another serial number',
    'token.signing-certificate',
    () => {
      const issuerSerial = writeSequence(writeSequence(directoryName(leaf.issuer)), writeInteger(7))
      const id = writeSequence(writeOctets(hash('sha256', leaf.der)), issuerSerial)
      return withAttributes({
        signingCertificate: essAttribute(writeSequence(writeSequence(id))),
      })
    },
  ],
  [
    'an ESSCertIDv2 with another issuer',
    'token.signing-certificate',
    () => {
      const issuerSerial = writeSequence(
        writeSequence(directoryName(commonName('other'))),
        leaf.serial,
      )
      const id = writeSequence(writeOctets(hash('sha256', leaf.der)), issuerSerial)
      return withAttributes({
        signingCertificate: essAttribute(writeSequence(writeSequence(id))),
      })
    },
  ],
  [
    'an ESSCertIDv2 of nothing',
    'token.signing-certificate',
    () => withAttributes({ signingCertificate: essAttribute(writeSequence(writeSequence())) }),
  ],
  [
    'a right ESSCertIDv2 beside an ESSCertID of another certificate',
    'token.signing-certificate',
    () =>
      withAttributes({
        other: attribute(attributeOids.signingCertificate, signingCertificateV1(other)),
      }),
  ],
]
