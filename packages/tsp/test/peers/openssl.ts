/** What `openssl ts -verify` says. */
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { encodeHex } from '../../src/bytes.ts'
import { createTimestampRequest, summarizeCertificate } from '../../src/index.ts'
import { hash } from '../forge.ts'
import { type Answer, anchorsOf, pem, type Question, subjectOf } from './question.ts'

/** As in `OpenSSL 3.0.19`. */
export function opensslVersion(): string {
  const [name = '', version = ''] = execFileSync('openssl', ['version'], {
    encoding: 'utf8',
  }).split(' ')
  return `${name} ${version}`
}

/**
 * Asks OpenSSL, in a new folder below `parent`, as of today or as of the question's time, which
 * `-attime` takes to the second. A nonce or policy is given by a request, lists with `-crl_check`.
 */
export async function askOpenssl(
  parent: string,
  question: Question,
  when: 'today' | 'at genTime',
): Promise<Answer> {
  const directory = mkdtempSync(join(parent, 'openssl-'))
  const file = (name: string, content: Uint8Array | string): string => {
    writeFileSync(join(directory, name), content)
    return name
  }
  const subject = subjectArguments(question, file)
  if (subject === undefined) return '–'
  const { token, options, at } = question
  const lists = options.revocation?.lists ?? []
  const anchors = anchorsOf(question)
  const trusted = [
    ...anchors.map((der) => pem('CERTIFICATE', der)),
    ...lists.map((der) => pem('X509 CRL', der)),
  ]
  const given = [
    ...['ts', '-verify', '-token_in', '-in', file('token', token), ...subject],
    ...(trusted.length === 0 ? [] : ['-CAfile', file('anchors.pem', trusted.join(''))]),
    ...((await hasRoot(anchors)) ? [] : ['-partial_chain']),
    ...(options.revocation === undefined ? [] : ['-crl_check']),
    ...(when === 'today' ? [] : ['-attime', String(Math.floor(at.getTime() / 1000))]),
  ]
  return new Promise((resolve) => {
    execFile('openssl', given, { cwd: directory }, (error, output) => {
      resolve(error === null && output.includes('Verification: OK') ? 'accepted' : 'refused')
    })
  })
}

/** Whether one of the anchors is a root: OpenSSL has to be told that a CA below one is enough. */
async function hasRoot(anchors: readonly Uint8Array[]): Promise<boolean> {
  const summaries = await Promise.all(anchors.map(summarizeCertificate))
  return summaries.some((summary) => summary !== undefined && summary.subject === summary.issuer)
}

function subjectArguments(
  question: Question,
  file: (name: string, content: Uint8Array) => string,
): string[] | undefined {
  const subject = subjectOf(question)
  if (subject === undefined) return undefined
  if ('digest' in subject) return ['-digest', encodeHex(subject.digest)]
  const { nonce, policy } = question.options
  if (nonce === undefined && policy === undefined) return ['-data', file('data', subject.data)]
  const imprint = hash('sha256', subject.data)
  return ['-queryfile', file('request', createTimestampRequest({ imprint, nonce, policy }))]
}
