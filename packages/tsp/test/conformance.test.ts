import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { conformanceDirectory, describeWith } from '@vaultmesh/testing'
import { expect, it } from 'vitest'
import { parseDer } from '../src/der.ts'
import { parseTimestamp, summarizeCertificate, verifyTimestamp } from '../src/index.ts'
import { notPassed } from './forge.ts'
import {
  authorityOf,
  conformanceFile,
  embeddedCas,
  questionOf,
  realTokens,
  tokenIn,
} from './real-tokens.ts'

describeWith(['conformance'], 'a real token gets the verdict that its content deserves', () => {
  it.each(realTokens)('$path: $why', async (real) => {
    const { token, options } = questionOf(real)
    const verdict = await verifyTimestamp(token, options)
    expect(notPassed(verdict)).toEqual(real.findings)
    expect(verdict.ok).toBe(real.findings.every((finding) => finding.endsWith(' warn')))
  })

  it('is one of all that there are', () => {
    const folders = ['rfc3161/notation', 'rfc3161/authorities', 'predecessor']
    const files = folders.flatMap((folder) =>
      readdirSync(join(conformanceDirectory(), folder), { withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name }) => `${folder}/${name}`),
    )
    const expected = files.filter((path) => parseTimestamp(conformanceFile(path)).ok)
    expect(realTokens.map(({ path }) => path).toSorted()).toEqual(expected.toSorted())
  })
})

describeWith(['conformance'], "the predecessor's tokens", () => {
  const leafPin = 'P3b6UuqUB1+xRLGE/URFHzJx/7AziZTtEtqy8F69C2k='
  const rootPin = 'UsVLo0CIVgUxTaoYV8h2O5QIfQXGNgkpONTi0YGOmbU='

  it.each([
    ['SOVEREIGN_LORE_CODEX_V1.md', '2025-10-19T23:14:06Z'],
    ['first_seal_inscription.asc', '2025-10-19T23:14:07Z'],
    ['test-app.tar.gz', '2025-10-19T20:16:18Z'],
  ])('%s verifies, although the certificate has expired since', async (name, genTimeText) => {
    const token = tokenIn(`predecessor/${name}.tsr`)
    const [root = new Uint8Array()] = embeddedCas(token)
    const { pin } = (await summarizeCertificate(root)) ?? {}
    expect(Buffer.from(pin ?? []).toString('base64')).toBe(rootPin)
    const options = {
      data: conformanceFile(`predecessor/${name}`),
      authorities: [authorityOf([root], [new Uint8Array(Buffer.from(leafPin, 'base64'))])],
    }
    const verdict = await verifyTimestamp(token, options)
    expect(verdict).toMatchObject({ ok: true, genTimeText })
    expect(notPassed(verdict)).toEqual(['token.signing-certificate warn'])
    // The root comes with the token: without the caller's trust in it, it is nobody's.
    const untrusted = await verifyTimestamp(token, { ...options, authorities: [] })
    expect(notPassed(untrusted)).toContain('token.anchor untrusted')
  })

  it('stand for their own files only', async () => {
    const token = tokenIn('predecessor/test-app.tar.gz.tsr')
    const verdict = await verifyTimestamp(token, {
      authorities: [authorityOf(embeddedCas(token))],
      data: conformanceFile('predecessor/first_seal_inscription.asc'),
    })
    expect(notPassed(verdict)).toContain('token.imprint fail')
  })

  it('answer the requests that were kept', async () => {
    const freetsa = realTokens.filter(({ path }) => path.startsWith('predecessor/'))
    for (const real of freetsa) {
      const { token, options } = questionOf(real)
      const { children } = parseDer(new Uint8Array(conformanceFile(`${real.file}.tsq`)))
      const nonce = children.find(({ tag }, index) => tag === 2 && index > 0)?.content
      const right = await verifyTimestamp(token, {
        ...options,
        nonce: nonce ?? new Uint8Array(),
        policy: '1.2.3.4.1',
      })
      expect(right.ok).toBe(true)
    }
    expect(freetsa).toHaveLength(3)
  })
})

describeWith(['conformance'], 'the tokens of notaryproject/tspclient-go', () => {
  it('hold under the GlobalSign root of the caller, through the embedded certificates', async () => {
    const pem = new TextDecoder().decode(conformanceFile('rfc3161/notation/GlobalSignRootCA.crt'))
    const root = new Uint8Array(Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ''), 'base64'))
    const verdict = await verifyTimestamp(tokenIn('rfc3161/notation/TimeStampToken.p7s'), {
      data: new TextEncoder().encode('notation'),
      authorities: [authorityOf([root])],
    })
    expect(notPassed(verdict)).toEqual([])
    expect(verdict.genTimeText).toBe('2021-09-17T14:09:10Z')
  })

  it('are told from responses that grant nothing', () => {
    const parsed = (name: string) => parseTimestamp(conformanceFile(`rfc3161/notation/${name}`))
    expect(parsed('rejection.tsq')).toMatchObject({
      ok: false,
      code: 'REJECTED',
      failure: 'badAlg',
    })
    expect(parsed('malformed.tsq')).toMatchObject({ ok: false, code: 'NOT_DER' })
  })
})
