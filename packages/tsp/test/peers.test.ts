import { readFileSync } from 'node:fs'
import { describeWith, findProgram, itWith, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it, test } from 'vitest'
import { opensslAbout, oursAbout, pkijsAbout } from './peers/ask.ts'
import { forgeryCases, type PeerCase, realCases, rightCases } from './peers/cases.ts'
import { opensslVersion } from './peers/openssl.ts'
import { type Answers, pageUrl, readPage, renderPage } from './peers/page.ts'
import { pkijsVersion } from './peers/pkijs.ts'

const text = readFileSync(pageUrl, 'utf8')
const findings = readPage(text)
const made = [...rightCases, ...forgeryCases]

/** What the page has in one column. */
const recorded = (cases: readonly PeerCase[], who: keyof Answers) =>
  cases.map(({ name }) => [name, findings.answers.get(name)?.[who]])

/** What somebody says now, a few cases at a time. */
async function now(cases: readonly PeerCase[], ask: (one: PeerCase) => Promise<string>) {
  const said: [string, string][] = []
  for (let at = 0; at < cases.length; at += 8) {
    const some = cases.slice(at, at + 8)
    const answers = await Promise.all(some.map(ask))
    said.push(...some.map(({ name }, index): [string, string] => [name, answers[index] ?? '']))
  }
  return said
}

test('FORGERIES.md is what is generated, for all the tokens that there are', () => {
  expect(renderPage(findings)).toBe(text)
  expect(findings.answers.size).toBe(made.length + realCases.length)
})

describe('FORGERIES.md says', () => {
  it('that we accept what is right, and no forgery', async () => {
    expect(await now(made, oursAbout)).toEqual(recorded(made, 'ours'))
    expect(new Set(recorded(rightCases, 'ours').map(([, said]) => said))).toEqual(
      new Set(['accepted']),
    )
    expect(new Set(recorded(forgeryCases, 'ours').map(([, said]) => said))).toEqual(
      new Set(['refused']),
    )
  })

  it('what PKI.js says', async () => {
    expect(findings.versions).toContain(pkijsVersion())
    expect(await now(made, pkijsAbout)).toEqual(recorded(made, 'pkijs'))
  })

  // Another OpenSSL may say something else.
  const isRecorded =
    findProgram('openssl') !== undefined && findings.versions.startsWith(`${opensslVersion()} `)
  if (isRecorded || findProgram('openssl') === undefined) {
    itWith(['openssl'], 'what OpenSSL says', async () => {
      const directory = temporaryDirectory()
      const said = await now(made, (one) => opensslAbout(one, directory, 'at genTime'))
      expect(said).toEqual(
        recorded(made, 'openssl').map(([name, cell]) => [name, cell?.split(';')[0]]),
      )
    })
  }

  describeWith(['conformance'], 'what the tokens of real authorities get', () => {
    it.each([
      ['ours', oursAbout],
      ['pkijs', pkijsAbout],
    ] as const)('%s', async (who, ask) => {
      expect(await now(realCases, ask)).toEqual(recorded(realCases, who))
    })
  })
})
