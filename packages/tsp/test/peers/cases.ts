/** What all verifiers are asked: tokens that are right, forgeries, tokens of real authorities. */

import { summarizeTimestamp } from '../../src/summary.ts'
import type { TimestampCheckId, VerifyOptions } from '../../src/verdict.ts'
import { data, forge, hash, leaf, root, trust } from '../forge.ts'
import { forgeries } from '../forgeries/index.ts'
import {
  caConstraints,
  certificate,
  ecKey,
  ed25519Key,
  pssKey,
  revocationList,
  revoked,
  rsaKey,
  stamper,
} from '../pki.ts'
import { questionOf, type RealToken, realTokens } from '../real-tokens.ts'
import type { Question } from './question.ts'

/** A question, and what is said about it in the tables. */
export interface PeerCase {
  readonly name: string
  /** The one check that refuses it, if it is a forgery. */
  readonly check?: TimestampCheckId
  readonly ask: () => Question
}

/** When the tokens of the tests were made. */
const madeAt = new Date('2025-01-02T03:04:05Z')

/** When their revocation lists were in force: OpenSSL takes no others. */
const listedAt = new Date('2025-02-15T00:00:00Z')

const questionAbout = (token: Uint8Array, options: VerifyOptions): Question => ({
  token,
  options,
  at: options.revocation === undefined ? madeAt : listedAt,
})

const right = (
  name: string,
  make: () => Uint8Array = () => forge(),
  change: Partial<VerifyOptions> = {},
): PeerCase => ({
  name,
  ask: () => questionAbout(make(), { data, authorities: [trust(root)], ...change }),
})

const signedBy = (name: string, key: () => ReturnType<typeof ecKey>): PeerCase =>
  right(`signed by ${name}`, () => forge({ signer: stamper(root, { key: key() }) }))

/** What a verifier that refused a forgery for another reason would refuse too. */
export const rightCases: readonly PeerCase[] = [
  right('a token and its data'),
  right('the digest in place of the data', undefined, {
    data: undefined,
    digest: hash('sha256', data),
  }),
  right('the nonce and policy of the request', undefined, {
    nonce: Uint8Array.of(0xff, 1),
    policy: '1.2.3.4',
  }),
  right('an embedded CA between the signer and the anchor', () => {
    const middle = certificate({ subject: 'middle', signer: root, extensions: [caConstraints()] })
    const signer = stamper(middle)
    return forge({ signer, certificates: [signer.der, middle.der] })
  }),
  right('a leaf that has expired since', () =>
    forge({ signer: stamper(root, { notAfter: '250601000000Z' }) }),
  ),
  right('a revocation list of the month after, which lists nobody', undefined, {
    revocation: { lists: [revocationList({ issuer: root })] },
  }),
  right('a revocation list on which the signer was superseded after the token', undefined, {
    revocation: {
      lists: [revocationList({ issuer: root, entries: [revoked(leaf, '250115000000Z', 4)] })],
    },
  }),
  signedBy('ECDSA on P-384', () => ecKey('P-384')),
  signedBy('ECDSA on P-521', () => ecKey('P-521')),
  signedBy('RSA PKCS #1 v1.5', () => rsaKey()),
  signedBy('RSA-PSS', () => pssKey()),
  signedBy('Ed25519', () => ed25519Key()),
]

export const forgeryCases: readonly PeerCase[] = forgeries.map(({ name, check, make }) => ({
  name,
  check,
  ask() {
    const { der, options } = make()
    return questionAbout(der, options)
  },
}))

/** The tokens of real authorities, each with its own CAs as anchors. */
export const realCases: readonly (PeerCase & { readonly real: RealToken })[] = realTokens.map(
  (real) => ({
    name: real.path,
    real,
    ask() {
      const { token, options } = questionOf(real)
      const genTime = summarizeTimestamp(token)?.genTime
      return { token, options, at: new Date(genTime ?? madeAt) }
    },
  }),
)
