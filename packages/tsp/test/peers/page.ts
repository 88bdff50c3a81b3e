/** `FORGERIES.md`: what each verifier says, as tables that can be read back. */
import { readFileSync } from 'node:fs'
import { forgeryCases, type PeerCase, realCases, rightCases } from './cases.ts'
import type { Answer } from './question.ts'

/** Where the page is. */
export const pageUrl: URL = new URL('../../FORGERIES.md', import.meta.url)

/** What the verifiers say to one question. */
export interface Answers {
  /** `at genTime`, and today's where that is another. */
  readonly openssl: string
  readonly pkijs: string
  readonly ours: string
}

/** What was asked on one day. */
export interface Findings {
  /** Of Node, OpenSSL and PKI.js. */
  readonly versions: string
  /** Of each case, by its name. */
  readonly answers: ReadonlyMap<string, Answers>
}

/** How OpenSSL's two answers stand in one cell. */
export function opensslCell(atGenTime: Answer, today: Answer): string {
  return today === atGenTime ? atGenTime : `${atGenTime}; today ${today}`
}

const row = (...cells: readonly string[]): string => `| ${cells.join(' | ')} |`

function table(
  heads: readonly string[],
  cases: readonly PeerCase[],
  { answers }: Findings,
  about: (one: PeerCase) => readonly string[],
): string {
  const rows = cases.map((one) => {
    const said = answers.get(one.name)
    if (said === undefined) throw new Error(`nobody was asked: ${one.name}`)
    return row(one.name, ...about(one), said.openssl, said.pkijs, said.ours)
  })
  const columns = [...heads, 'OpenSSL', 'PKI.js', 'ours']
  return [row(...columns), row(...columns.map(() => '---')), ...rows].join('\n')
}

/** How many forgeries a verifier was asked about and accepted, in words. */
function tally(findings: Findings, who: keyof Answers): string {
  const said = forgeryCases.map(({ name }) => findings.answers.get(name)?.[who] ?? '–')
  const asked = said.filter((cell) => cell !== '–')
  return `${asked.filter((cell) => cell.startsWith('accepted')).length} of the ${asked.length}`
}

/** The whole page. */
export function renderPage(findings: Findings): string {
  const reasons = new Map(realCases.map(({ name, real }) => [name, real]))
  const whyOf = ({ name }: PeerCase) => {
    const { findings: found = [], why = '' } = reasons.get(name) ?? {}
    const holds = found.every((finding) => finding.endsWith(' warn'))
    return [holds ? 'holds' : 'does not hold', why]
  }
  return `# What others say to the same tokens

Generated: \`node --conditions=@vaultmesh/source packages/tsp/test/peers/generate.ts\`. By ${findings.versions}.

OpenSSL is \`openssl ts -verify\`, with \`-attime\` at the token's time, to the second (with revocation lists, at a time when they were in force: it takes no others). Where it says something else without \`-attime\`, as of the day of the record, that follows. A nonce and a policy reach it in a request (\`-queryfile\`), revocation lists with \`-crl_check\`, a CA that is no root with \`-partial_chain\`. PKI.js is \`SignedData.verify\` with \`checkChain: true\` and the anchors; it judges at the token's time. **–** stands where a verifier can't be asked: it has no such rule, or takes no such input. A refusal counts as one whatever its reason.

Of the forgeries that it can be asked about, OpenSSL accepts ${tally(findings, 'openssl')}, PKI.js ${tally(findings, 'pkijs')}; this package accepts ${tally(findings, 'ours')}. That is not a count of holes. We made the list, and each row breaks one of our rules, of which some are stricter than others need: a limit of size, version numbers, DER where CMS has BER. Others keep a certificate from stamping that may not, or a token from saying two things to two readers.

## Tokens that are right

A verifier that refuses one of these may refuse forgeries for the same reason.

${table(['token'], rightCases, findings, () => [])}

## Forgeries

Each breaks one rule, and of our checks one alone refuses it. [test/forgeries](test/forgeries/index.ts) makes them, with new keys each time.

${table(['forgery', 'the check that refuses it'], forgeryCases, findings, ({ check }) => [`\`${check}\``])}

## Tokens of real authorities

The files are in the conformance data, and not copied here. Each is judged with its own CAs as anchors, so this says nothing about whom to trust. For ours, the checks that fail are named; the fields that were altered are signed, so most fail at the signature too.

${table(['token', 'deserves', 'why'], realCases, findings, whyOf)}
`
}

/** What a page says. */
export function readPage(text: string = readFileSync(pageUrl, 'utf8')): Findings {
  const [, versions = ''] = /^Generated: .*`\. By (.*)\.$/m.exec(text) ?? []
  const rows = [...text.matchAll(/^\| (.+) \|$/gm)].map(([, cells = '']) => cells.split(' | '))
  const answers = rows.flatMap((cells): [string, Answers][] => {
    const [openssl = '', pkijs = '', ours = ''] = cells.slice(-3)
    const isHead = !/^(accepted|refused)/.test(ours)
    return isHead ? [] : [[cells[0] ?? '', { openssl, pkijs, ours }]]
  })
  return { versions, answers: new Map(answers) }
}
