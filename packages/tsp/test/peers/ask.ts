/** Asks every verifier about one case. */
import { verifyTimestamp } from '../../src/verify.ts'
import { type PeerCase, realCases } from './cases.ts'
import { askOpenssl } from './openssl.ts'
import { askPkijs } from './pkijs.ts'
import { type Answer, isAskable } from './question.ts'

const realNames: ReadonlySet<string> = new Set(realCases.map(({ name }) => name))

/** What this package says. */
export async function oursAbout({ name, ask }: PeerCase): Promise<string> {
  const { token, options } = ask()
  const { ok, checks } = await verifyTimestamp(token, options)
  if (ok) return 'accepted'
  const failing = checks.filter(({ status }) => status === 'fail' || status === 'untrusted')
  // Of a forgery it is the one that its row names.
  if (!realNames.has(name)) return 'refused'
  return `refused: ${failing.map(({ id }) => `\`${id}\``).join(', ')}`
}

/** What PKI.js says. */
export async function pkijsAbout({ check, ask }: PeerCase): Promise<Answer> {
  return isAskable(check) ? askPkijs(ask()) : '–'
}

/** What OpenSSL says; it works in folders below `parent`. */
export async function opensslAbout(
  { check, ask }: PeerCase,
  parent: string,
  when: 'today' | 'at genTime',
): Promise<Answer> {
  return isAskable(check) ? askOpenssl(parent, ask(), when) : '–'
}
