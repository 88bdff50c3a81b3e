import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { conformanceDirectory, describeWith } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { parseCertificate } from '../src/certificate.ts'
import { readContentInfo, readSignedData } from '../src/cms.ts'
import { DerError, parseDer } from '../src/der.ts'
import {
  parseTimestamp,
  summarizeCertificate,
  type VerifyOptions,
  verifyTimestamp,
} from '../src/index.ts'
import { notPassed } from './forge.ts'

const file = (path: string) => new Uint8Array(readFileSync(join(conformanceDirectory(), path)))

function tokenOf(path: string): Uint8Array {
  const parsed = parseTimestamp(file(path))
  if (!parsed.ok) throw new Error(`${path}: ${parsed.detail}`)
  return parsed.token
}

/** The CA certificates that came with a token. A test may trust them; the verifier never does. */
function embeddedCas(token: Uint8Array): Uint8Array[] {
  const { content } = readContentInfo(parseDer(new Uint8Array(token)))
  return readSignedData(content).certificates.flatMap(({ raw }) => {
    try {
      return parseCertificate(raw).extensions.basicConstraints?.ca === true ? [raw] : []
    } catch (error) {
      if (error instanceof DerError) return []
      throw error
    }
  })
}

/** The digest in a token, for tokens of data that is not known. */
function imprintOf(token: Uint8Array): Uint8Array {
  const { content } = readContentInfo(parseDer(new Uint8Array(token)))
  const info = parseDer(readSignedData(content).content ?? new Uint8Array())
  return info.children[2]?.children[1]?.content ?? new Uint8Array()
}

const authority = (anchors: readonly Uint8Array[], pins: readonly string[] = []) => ({
  name: 'of the token',
  selfIssued: false,
  anchors,
  pins: pins.map((pin) => new Uint8Array(Buffer.from(pin, 'base64'))),
  validFrom: new Date('2014-01-01'),
})

async function judge(path: string, options: Omit<VerifyOptions, 'authorities'>) {
  const token = tokenOf(path)
  return verifyTimestamp(token, { authorities: [authority(embeddedCas(token))], ...options })
}

describeWith(['conformance'], "the predecessor's tokens", () => {
  const leafPin = 'P3b6UuqUB1+xRLGE/URFHzJx/7AziZTtEtqy8F69C2k='
  const rootPin = 'UsVLo0CIVgUxTaoYV8h2O5QIfQXGNgkpONTi0YGOmbU='

  it.each([
    ['SOVEREIGN_LORE_CODEX_V1.md', '2025-10-19T23:14:06Z'],
    ['first_seal_inscription.asc', '2025-10-19T23:14:07Z'],
    ['test-app.tar.gz', '2025-10-19T20:16:18Z'],
  ])('%s verifies, although the certificate has expired since', async (name, genTimeText) => {
    const token = tokenOf(`predecessor/${name}.tsr`)
    const [root = new Uint8Array()] = embeddedCas(token)
    const { pin } = (await summarizeCertificate(root)) ?? {}
    expect(Buffer.from(pin ?? []).toString('base64')).toBe(rootPin)
    const options = {
      data: file(`predecessor/${name}`),
      authorities: [authority([root], [leafPin])],
    }
    const verdict = await verifyTimestamp(token, options)
    expect(verdict).toMatchObject({ ok: true, genTimeText })
    expect(notPassed(verdict)).toEqual(['token.signing-certificate warn'])
    // The root comes with the token: without the caller's trust in it, it is nobody's.
    const untrusted = await verifyTimestamp(token, { ...options, authorities: [] })
    expect(notPassed(untrusted)).toContain('token.anchor untrusted')
  })

  it('stand for their own files only', async () => {
    const verdict = await judge('predecessor/test-app.tar.gz.tsr', {
      data: file('predecessor/first_seal_inscription.asc'),
    })
    expect(verdict.ok).toBe(false)
    expect(notPassed(verdict)).toContain('token.imprint fail')
  })

  it('answer the requests that were kept', async () => {
    for (const name of [
      'SOVEREIGN_LORE_CODEX_V1.md',
      'first_seal_inscription.asc',
      'test-app.tar.gz',
    ]) {
      const { children } = parseDer(file(`predecessor/${name}.tsq`))
      const nonce = children.find(({ tag }, index) => tag === 2 && index > 0)?.content
      const right = await judge(`predecessor/${name}.tsr`, {
        data: file(`predecessor/${name}`),
        nonce: nonce ?? new Uint8Array(),
        policy: '1.2.3.4.1',
      })
      expect(right.ok).toBe(true)
    }
  })
})

describeWith(['conformance'], 'the tokens of notaryproject/tspclient-go', () => {
  const notation = new TextEncoder().encode('notation')
  const at = (name: string) => `rfc3161/notation/${name}`

  describe('that are good verify', () => {
    it.each([
      ['TimeStampToken.p7s', '2021-09-17T14:09:10Z', []],
      ['granted.tsq', '2021-09-18T11:54:34Z', []],
    ])('%s', async (name, genTimeText, notes) => {
      const verdict = await judge(at(name), { data: notation })
      expect(verdict).toMatchObject({ ok: true, genTimeText })
      expect(notPassed(verdict)).toEqual(notes)
    })

    it('under the GlobalSign root of the caller, through the embedded certificates', async () => {
      const pem = new TextDecoder().decode(file(at('GlobalSignRootCA.crt')))
      const root = new Uint8Array(Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ''), 'base64'))
      const verdict = await verifyTimestamp(tokenOf(at('TimeStampToken.p7s')), {
        data: notation,
        authorities: [authority([root])],
      })
      expect(notPassed(verdict)).toEqual([])
    })

    it.each([
      'TimeStampTokenWithSigningCertificateV1.p7s',
      'validResponseWithSigningCertificateV1.tsr',
    ])('%s, with a warning: SHA-1', async (name) => {
      const verdict = await judge(at(name), { data: new TextEncoder().encode('test') })
      expect(verdict.ok).toBe(true)
      expect(notPassed(verdict)).toEqual(['token.signing-certificate warn'])
    })

    it('TimeStampTokenNoRoot.p7s, under its issuing CA', async () => {
      const token = tokenOf(at('TimeStampTokenNoRoot.p7s'))
      const verdict = await verifyTimestamp(token, {
        digest: imprintOf(token),
        authorities: [authority(embeddedCas(token))],
      })
      expect(notPassed(verdict)).toEqual([])
    })
  })

  it.each([
    ['SHA1TimeStampToken.p7s', ['token.message-digest', 'token.imprint']],
    [
      'TimeStampTokenInvalidSignedAttributeContentType.p7s',
      ['token.content-type-attribute', 'token.signature'],
    ],
    ['TimeStampTokenWithAnInvalidAndAValidSignerInfo.p7s', ['token.signer-info']],
    ['TimeStampTokenWithInvalidCertificates.p7s', ['token.signer-certificate']],
    ['TimeStampTokenWithInvalidContentType.p7s', ['token.content-type', 'token.signer-info']],
    ['TimeStampTokenWithInvalidSignature.p7s', ['token.signature']],
    [
      'TimeStampTokenWithInvalidSigningCertificateV2.p7s',
      ['token.signed-attributes', 'token.signature', 'token.signing-certificate'],
    ],
    ['TimeStampTokenWithInvalidSigningTime.p7s', ['token.signed-attributes']],
    ['TimeStampTokenWithInvalidTSTInfo.p7s', ['token.message-digest', 'token.tst-info']],
    [
      'TimeStampTokenWithInvalideContentType.p7s',
      ['token.content-type', 'token.content-type-attribute'],
    ],
    ['TimeStampTokenWithMismatchCertHash.p7s', ['token.signature', 'token.signing-certificate']],
    ['TimeStampTokenWithSHA1CertHash.p7s', ['token.signature', 'token.signing-certificate']],
    ['TimeStampTokenWithSignedAttributeSHA1.p7s', ['token.digest-algorithm']],
    ['TimeStampTokenWithSignerVersion2.p7s', ['token.signer-info']],
    [
      'TimeStampTokenWithSigningCertificateV2NoCert.p7s',
      ['token.signed-attributes', 'token.signature', 'token.signing-certificate'],
    ],
    ['TimeStampTokenWithSigningTime.p7s', ['token.signed-attributes', 'token.signature']],
    [
      'TimeStampTokenWithSigningTimeBeforeExpected.p7s',
      ['token.signed-attributes', 'token.signature'],
    ],
    ['TimeStampTokenWithTSTInfoVersion2.p7s', ['token.message-digest', 'token.tst-info']],
    ['TimeStampTokenWithUnknownSignerIssuer.p7s', ['token.signer-certificate']],
    ['TimeStampTokenWithValidAndInvalidSignerInfos.p7s', ['token.signer-info']],
    [
      'TimeStampTokenWithWrongSigningCertificateV2IssuerChoiceTag.p7s',
      ['token.signature', 'token.signing-certificate'],
    ],
    ['TimeStampTokenWithoutCertificate.p7s', ['token.signer-certificate']],
    [
      'TimeStampTokenWithoutSignedAttributeContentType.p7s',
      ['token.content-type-attribute', 'token.signature'],
    ],
    ['TimeStampTokenWithoutSignedAttributeDigest.p7s', ['token.message-digest', 'token.signature']],
    [
      'TimeStampTokenWithoutSignedAttributes.p7s',
      [
        'token.content-type-attribute',
        'token.message-digest',
        'token.signature',
        'token.signing-certificate',
      ],
    ],
    ['TimeStampTokenWithoutSigner.p7s', ['token.signer-info']],
    [
      'TimeStampTokenWithoutSigningCertificate.p7s',
      ['token.signature', 'token.signing-certificate'],
    ],
    ['TimeStampTokenWithoutSigningCertificateV2IssuerSerial.p7s', ['token.signature']],
    [
      'SignedDataWithoutSignedAttributes.p7s',
      [
        'token.content-type',
        'token.signed-attributes',
        'token.extended-key-usage',
        'token.tst-info',
        'token.anchor',
      ],
    ],
    [
      'Sha1SignedData.p7s',
      [
        'token.content-type',
        'token.digest-algorithm',
        'token.signing-certificate',
        'token.extended-key-usage',
        'token.anchor',
      ],
    ],
  ])('%s fails where it is bad', async (name, expected) => {
    const verdict = await judge(at(name), { data: notation })
    expect(verdict.ok).toBe(false)
    expect(notPassed(verdict).map((text) => text.split(' ')[0])).toEqual(expected)
  })

  it.each([
    ['TimeStampTokenWithInvalidSigningCertificateV1.p7s'],
    ['TimeStampTokenWithSigningCertificateV1NoCert.p7s'],
  ])('%s fails where it is bad', async (name) => {
    const verdict = await judge(at(name), { data: new TextEncoder().encode('test') })
    expect(notPassed(verdict)).toContain('token.signing-certificate fail')
  })

  it('are told from responses that grant nothing', () => {
    expect(parseTimestamp(file(at('rejection.tsq')))).toMatchObject({
      ok: false,
      code: 'REJECTED',
      failure: 'badAlg',
    })
    expect(parseTimestamp(file(at('malformed.tsq')))).toMatchObject({ ok: false, code: 'NOT_DER' })
  })
})

describeWith(['conformance'], 'the tokens of GlobalSign', () => {
  const at = (name: string) => `rfc3161/authorities/${name}`
  const digestIn = (name: string) => imprintOf(tokenOf(at(name)))

  it('of 2017 verifies', async () => {
    const name = 'digitorus-timeStampToken.tok'
    const verdict = await judge(at(name), { digest: digestIn(name) })
    expect(verdict).toMatchObject({ ok: true, genTimeText: '2017-02-01T15:39:50Z' })
    expect(notPassed(verdict)).toEqual(['token.signing-certificate warn'])
  })

  it.each([
    // Its CA is for signing documents by its extended key usage, not for time-stamping.
    ['digitorus-respNonce.tsr', ['token.signing-certificate warn', 'token.path fail']],
    ['digitorus-respNoNonce.tsr', ['token.signing-certificate warn', 'token.path fail']],
    ['digitorus-respNoCert.tsr', ['token.signer-certificate fail']],
    // All of it is SHA-1.
    [
      'pkijs-example.tsr',
      [
        'token.digest-algorithm fail',
        'token.signing-certificate warn',
        'token.imprint fail',
        'token.anchor untrusted',
      ],
    ],
  ])('%s does not verify', async (name, expected) => {
    const verdict = await judge(at(name), { digest: digestIn(name) })
    expect(notPassed(verdict)).toEqual(expected)
  })
})
