import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Bytes, concatBytes } from '../src/bytes.ts'
import { parseDer, tags } from '../src/der.ts'
import {
  writeBitBytes,
  writeElement,
  writeExplicit,
  writeInteger,
  writeOid,
  writeSequence,
} from '../src/der-write.ts'
import { isAcceptableEd25519 } from '../src/ed25519.ts'
import { digestOids, keyOids } from '../src/oids.ts'
import { type PublicKey, readPublicKey } from '../src/public-key.ts'
import { rawEcdsaSignature, signatureProblem } from '../src/signature.ts'
import { readSignatureAlgorithm } from '../src/signature-algorithm.ts'
import { ecKey, ed25519Key, pssAlgorithm, pssKey, rsaKey, sha256Mask } from './pki.ts'

const message = new TextEncoder().encode('message')
const parse = (der: Uint8Array) => parseDer(new Uint8Array(der))
const withNull = (oid: string) => writeSequence(writeOid(oid), writeElement(tags.null))
const sha256 = writeSequence(writeOid(digestOids.sha256))

describe('a signature algorithm', () => {
  it.each<[string, Uint8Array, string]>([
    ['SHA-1 with RSA', withNull('1.2.840.113549.1.1.5'), 'not supported'],
    ['MD5 with RSA', withNull('1.2.840.113549.1.1.4'), 'not supported'],
    ['bare RSA where nothing names a digest', withNull(keyOids.rsa), 'not supported'],
    ['ECDSA with SHA-1', writeSequence(writeOid('1.2.840.10045.4.1')), 'not supported'],
    ['ECDSA with NULL', withNull(keyOids.ecdsaSha256), 'not supported'],
    ['Ed25519 with NULL', withNull(keyOids.ed25519), 'not supported'],
    ['RSA with parameters', writeSequence(writeOid(keyOids.rsaSha256), sha256), 'has parameters'],
    [
      'something after NULL',
      writeSequence(writeOid(keyOids.rsa), writeElement(tags.null), sha256),
      'left over',
    ],
    ['PSS without parameters', withNull(keyOids.rsaPss), 'SHA-1'],
    ['PSS without a hash', pssAlgorithm({ mask: sha256Mask }), 'SHA-1'],
    ['PSS without a mask', pssAlgorithm({ hash: sha256 }), 'SHA-1'],
    [
      'PSS with SHA-1',
      pssAlgorithm({ hash: withNull(digestOids.sha1), mask: sha256Mask }),
      'SHA-2',
    ],
    [
      'PSS with another hash in its mask',
      pssAlgorithm({ hash: withNull(digestOids.sha512), mask: sha256Mask }),
      'SHA-2',
    ],
    [
      'PSS with an unknown mask',
      pssAlgorithm({ hash: sha256, mask: writeSequence(writeOid('1.2.3'), sha256) }),
      'SHA-2',
    ],
    [
      'PSS with a mask of nothing',
      pssAlgorithm({ hash: sha256, mask: withNull(keyOids.mgf1) }),
      'SHA-2',
    ],
    [
      'PSS with a trailer of 2',
      pssAlgorithm({ hash: sha256, mask: sha256Mask, trailer: writeInteger(2) }),
      'trailer',
    ],
    [
      'PSS with a salt that is no number',
      pssAlgorithm({ hash: sha256, mask: sha256Mask, salt: sha256 }),
      'no INTEGER',
    ],
  ])('%s is refused', (_what, algorithm, reason) => {
    expect(() => readSignatureAlgorithm(parse(algorithm))).toThrow(reason)
  })

  it('of PSS may leave out its salt length, which is 20 then', () => {
    const algorithm = pssAlgorithm({ hash: sha256, mask: sha256Mask, trailer: writeInteger(1) })
    expect(readSignatureAlgorithm(parse(algorithm))).toEqual({
      kind: 'rsa-pss',
      digest: 'SHA-256',
      saltLength: 20,
    })
  })
})

const spki = (algorithm: Uint8Array, bits: Uint8Array) =>
  writeSequence(algorithm, writeBitBytes(bits))
const rsaPublic = (modulus: Uint8Array, exponent: Uint8Array) =>
  spki(withNull(keyOids.rsa), writeSequence(modulus, exponent))
const modulusOf = (bytes: number) => writeInteger(new Uint8Array(bytes).fill(0xff))

describe('a public key', () => {
  it.each<[string, Uint8Array, string]>([
    ['RSA of 1024 bits', rsaPublic(modulusOf(128), writeInteger(65537)), '1024 bits'],
    [
      'RSA of 2047 bits',
      rsaPublic(writeInteger(new Uint8Array(256).fill(0x7f)), writeInteger(65537)),
      '2047 bits',
    ],
    ['RSA of 8200 bits', rsaPublic(modulusOf(1025), writeInteger(65537)), '8200 bits'],
    ['RSA with the exponent 1', rsaPublic(modulusOf(256), writeInteger(1)), 'exponent is 1'],
    ['RSA with an even exponent', rsaPublic(modulusOf(256), writeInteger(4)), 'exponent is 4'],
    ['RSA with a long exponent', rsaPublic(modulusOf(256), modulusOf(5)), 'the RSA exponent'],
    [
      'RSA with a negative modulus',
      rsaPublic(writeElement(tags.integer, new Uint8Array(256).fill(0x80)), writeInteger(3)),
      'negative',
    ],
    [
      'RSA with a third number',
      spki(withNull(keyOids.rsa), writeSequence(modulusOf(256), writeInteger(3), writeInteger(3))),
      'left over',
    ],
    ['an unknown kind', spki(withNull('1.2.3'), message), 'not supported'],
    [
      'an unknown kind with parameters',
      spki(writeSequence(writeOid('1.2.3'), sha256), message),
      'not supported',
    ],
    ['EC without a curve', spki(writeSequence(writeOid(keyOids.ec)), message), 'not supported'],
    [
      'EC with an unknown curve',
      spki(writeSequence(writeOid(keyOids.ec), writeOid('1.3.132.0.10')), message),
      'curve',
    ],
    [
      'EC with a curve written out',
      spki(writeSequence(writeOid(keyOids.ec), sha256), message),
      'no OBJECT IDENTIFIER',
    ],
    [
      'EC with a compressed point',
      spki(
        writeSequence(writeOid(keyOids.ec), writeOid(keyOids.p256)),
        Uint8Array.of(2, ...new Uint8Array(32)),
      ),
      'uncompressed',
    ],
    [
      'EC with a hybrid point',
      spki(
        writeSequence(writeOid(keyOids.ec), writeOid(keyOids.p256)),
        Uint8Array.of(6, ...new Uint8Array(64)),
      ),
      'uncompressed',
    ],
    [
      'EC with a short point',
      spki(
        writeSequence(writeOid(keyOids.ec), writeOid(keyOids.p256)),
        Uint8Array.of(4, ...new Uint8Array(63)),
      ),
      'uncompressed',
    ],
    [
      'Ed25519 of 31 bytes',
      spki(writeSequence(writeOid(keyOids.ed25519)), new Uint8Array(31)),
      '32 bytes',
    ],
    [
      'bits that are no bytes',
      writeSequence(withNull(keyOids.rsa), writeElement(tags.bitString, Uint8Array.of(1, 0x80))),
      'whole bytes',
    ],
  ])('%s is refused', (_what, key, reason) => {
    expect(() => readPublicKey(parse(key))).toThrow(reason)
  })
})

describe('checking a signature', () => {
  const made = [ecKey('P-256'), ecKey('P-521'), rsaKey(), pssKey(), pssKey('rsa-pss'), ed25519Key()]
  const signedBy = (key: (typeof made)[number]) => ({
    algorithm: readSignatureAlgorithm(parse(key.algorithm)),
    key: readPublicKey(parse(key.spki)),
    message,
    signature: new Uint8Array(key.sign(message)),
  })

  it.each(made)('takes the signature and refuses it over anything else', async (key) => {
    const signed = signedBy(key)
    expect(await signatureProblem(signed)).toBeUndefined()
    const changed = { ...signed, message: concatBytes(message, Uint8Array.of(0)) }
    expect(await signatureProblem(changed)).toBe('the signature does not verify')
    expect(await signatureProblem({ ...signed, signature: new Uint8Array() })).toBeDefined()
  })

  it('refuses a key of another kind than the algorithm', async () => {
    for (const [index, key] of made.entries()) {
      const other = made.at(index - 3)
      if (other === undefined) continue
      const { algorithm } = signedBy(other)
      expect(await signatureProblem({ ...signedBy(key), algorithm })).toContain('of kind')
    }
  })

  it('refuses PKCS #1 v1.5 by a key that is for PSS only', async () => {
    const signed = signedBy(pssKey('rsa-pss'))
    const algorithm = { kind: 'rsa', digest: 'SHA-256' } as const
    expect(await signatureProblem({ ...signed, algorithm })).toContain('of kind')
  })

  it('refuses a point that is not on the curve', async () => {
    const point: Bytes = new Uint8Array(65).fill(1)
    point[0] = 4
    const key: PublicKey = { kind: 'ec', curve: 'P-256', size: 32, point }
    const signed = { ...signedBy(ecKey()), key }
    expect(await signatureProblem(signed)).toContain('WebCrypto refuses')
  })
})

describe('the DER of an ECDSA signature', () => {
  it('is turned into r and s of a fixed length', () => {
    const der = writeSequence(writeInteger(0x80), writeInteger(1))
    expect(rawEcdsaSignature(der, 2)).toEqual(Uint8Array.of(0, 0x80, 0, 1))
  })

  it.each<[string, Uint8Array]>([
    [
      'a negative number',
      writeSequence(writeElement(tags.integer, Uint8Array.of(0x80)), writeInteger(1)),
    ],
    ['a number that is too long', writeSequence(writeInteger(65536), writeInteger(1))],
    ['three numbers', writeSequence(writeInteger(1), writeInteger(1), writeInteger(1))],
    ['one number', writeSequence(writeInteger(1))],
    [
      'a byte after it',
      concatBytes(writeSequence(writeInteger(1), writeInteger(1)), Uint8Array.of(0)),
    ],
    ['another structure', writeExplicit(0, writeInteger(1))],
  ])('with %s is refused', (_what, der) => {
    expect(() => rawEcdsaSignature(new Uint8Array(der), 2)).toThrow()
  })
})

describe('an Ed25519 key or signature', () => {
  const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
  const { publicKey } = generateKeyPairSync('ed25519')
  const key = new Uint8Array(publicKey.export({ type: 'spki', format: 'der' }).subarray(-32))
  const zero = new Uint8Array(32)
  const one = Uint8Array.of(1, ...new Uint8Array(31))
  const signature = concatBytes(key, zero)

  it.each([
    ['the identity', one],
    ['the identity, with the other sign', Uint8Array.of(1, ...new Uint8Array(30), 0x80)],
    ['y = 0', zero],
    ['y = -1', hex(`ec${'ff'.repeat(30)}7f`)],
    ['a point of order 8', hex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')],
    ['its negative', hex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a')],
    ['a y that is not reduced', hex(`ed${'ff'.repeat(30)}7f`)],
  ])('with %s is refused, as key and as R', (_what, point) => {
    expect(isAcceptableEd25519(key, signature)).toBe(true)
    expect(isAcceptableEd25519(point, signature)).toBe(false)
    expect(isAcceptableEd25519(key, concatBytes(point, zero))).toBe(false)
  })

  it('with S not reduced is refused', () => {
    const order = hex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')
    expect(isAcceptableEd25519(key, concatBytes(key, order))).toBe(false)
    order[0] = 0xec
    expect(isAcceptableEd25519(key, concatBytes(key, order))).toBe(true)
  })
})
