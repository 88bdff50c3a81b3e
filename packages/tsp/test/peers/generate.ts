/**
 * Asks OpenSSL and PKI.js, and writes `FORGERIES.md`:
 *
 *     node --conditions=@vaultmesh/source packages/tsp/test/peers/generate.ts
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { opensslAbout, oursAbout, pkijsAbout } from './ask.ts'
import { forgeryCases, realCases, rightCases } from './cases.ts'
import { opensslVersion } from './openssl.ts'
import { type Answers, opensslCell, pageUrl, renderPage } from './page.ts'
import { pkijsVersion } from './pkijs.ts'

const parent = mkdtempSync(join(tmpdir(), 'peers-'))
const answers = new Map<string, Answers>()
try {
  for (const one of [...rightCases, ...forgeryCases, ...realCases]) {
    answers.set(one.name, {
      openssl: opensslCell(
        await opensslAbout(one, parent, 'at genTime'),
        await opensslAbout(one, parent, 'today'),
      ),
      pkijs: await pkijsAbout(one),
      ours: await oursAbout(one),
    })
  }
} finally {
  rmSync(parent, { recursive: true })
}
const versions = `${opensslVersion()} and ${pkijsVersion()} on Node ${process.version.slice(1)}`
writeFileSync(pageUrl, renderPage({ versions, answers }))
