/** The checks, for somebody who has read none of the RFCs. */
import type { TimestampCheckId, TimestampCheckStatus } from '@vaultmesh/tsp'

/** What a status is called on the page. */
export const statusWords: Readonly<Record<TimestampCheckStatus, string>> = {
  pass: 'holds',
  warn: 'holds, but is weak',
  fail: 'fails',
  untrusted: 'not trusted',
  skipped: 'not judged',
}

/** When each check holds. */
export const explanations: Readonly<Record<TimestampCheckId, string>> = {
  'token.size': 'the token is no larger than a timestamp ever is',
  'token.definite-length': 'every length is written out, as DER demands and BER does not',
  'token.der': 'it is written in the one way that DER allows, and nothing follows it',
  'token.content-info': 'it is a signed message (CMS), and not the response around one',
  'token.signed-data': 'the signed message has the version of a timestamp',
  'token.content-type': 'what is signed is a statement of time, and it is inside',
  'token.signer-info': 'exactly one signer signed it',
  'token.digest-algorithm': 'the signer hashed with SHA-2, and nothing says otherwise',
  'token.signed-attributes': 'what the signature is over is there, in order, and nothing twice',
  'token.content-type-attribute': 'the signature says that it is over a statement of time',
  'token.message-digest': 'the signature is over this very statement',
  'token.signer-certificate': "the signer's certificate is inside, once",
  'token.signature-algorithm': 'the signature is of a known kind, and of one kind everywhere',
  'token.signature': "the signer's key made the signature",
  'token.signing-certificate': 'the signer named this certificate, by its hash, and no other',
  'token.leaf': "the signer's certificate is no authority over other certificates",
  'token.extended-key-usage': "the signer's certificate is for timestamps and for nothing else",
  'token.key-usage': "the signer's key may sign",
  'token.tst-info': 'the statement of time is complete, and nothing is left over in it',
  'token.extensions': 'the statement has no conditions that are not understood',
  'token.imprint': 'the statement is about this file: it has its hash',
  'token.gen-time': 'the time is a real one, written without ambiguity',
  'token.accuracy': 'the accuracy is a possible one',
  'token.nonce': 'the answer belongs to the question, where one is known (here none is)',
  'token.policy': 'the policy is the wanted one, where one is named (here none is)',
  'token.tsa-name': 'the authority named in the statement is the one that signed',
  'token.anchor': 'the certificates lead to the root certificate that you chose',
  'token.path': 'at that moment every certificate on the way was valid and allowed to do this',
  'token.in-time': 'a renewed timestamp was renewed in time (this one is taken as it is)',
  'token.revocation': 'no certificate was revoked, as far as lists are given (here none is)',
  'token.authority-window': 'the time is one at which you trust the authority (here any)',
  'token.role': 'you trust the authority for such files (here for any)',
  'token.pin': 'the key is one that you named, where you did (here none is)',
}
