import type { Command } from '../command.ts'

/** The options that say whose tokens count. */
const trustArguments = {
  policy: {
    type: 'text',
    value: 'POLICY',
    about: 'Whose tokens count: a policy file; the policy of this workspace unless given',
  },
  anchor: {
    type: 'list',
    value: 'CERT',
    about: 'Whose tokens count: a root certificate (PEM or DER), in place of a policy',
  },
} as const

/** The arguments of `vm timestamp`. */
export const timestampArguments = {
  file: { type: 'text', positional: true, required: true, value: 'FILE', about: 'What to stamp' },
  tsa: {
    type: 'list',
    value: 'URL',
    about: 'An RFC 3161 authority; the embedded one of this workspace unless given',
  },
  ...trustArguments,
  output: {
    type: 'text',
    value: 'FILE',
    about: 'Where to write the response; FILE.tsr unless given, FILE.1.tsr and so on for several',
  },
  timeout: {
    type: 'count',
    value: 'SECONDS',
    about: 'How long to go on trying; 60 unless given',
  },
  'passphrase-file': {
    type: 'text',
    value: 'FILE',
    about: 'Read the passphrase of the keyring from the first line of this file',
  },
} as const

/** `vm timestamp` */
export const timestamp: Command<typeof timestampArguments> = {
  path: ['timestamp'],
  group: 'Prove',
  summary: 'Have a file time-stamped (RFC 3161)',
  description: [
    'Only the SHA-256 of the file leaves this machine. Each answer is verified before it is written, under the anchors that you trust. The response is the usual file that openssl ts reads too; one that is there is never written over, since an older time proves more.',
  ],
  examples: [
    'vm timestamp report.pdf --tsa https://freetsa.org/tsr --anchor freetsa-root.pem',
    'vm timestamp verify report.pdf --anchor freetsa-root.pem',
  ],
  arguments: timestampArguments,
  status: 'experimental',
  load: () => import('../handlers/timestamp.ts'),
}

/** The arguments of `vm timestamp verify`. */
export const timestampVerifyArguments = {
  file: {
    type: 'text',
    positional: true,
    required: true,
    value: 'FILE',
    about: 'What was stamped; - is stdin',
  },
  token: {
    type: 'list',
    value: 'FILE',
    about: 'A response or a bare token; FILE.tsr unless given',
  },
  ...trustArguments,
  crl: {
    type: 'list',
    value: 'FILE',
    about: 'Revocation lists (one in DER, or PEM): certificates that they name do not count',
  },
  quorum: {
    type: 'count',
    value: 'N',
    about: 'How many different authorities must have stamped it; each token must hold unless given',
  },
  'max-skew': {
    type: 'count',
    value: 'SECONDS',
    about: 'How far the authorities of a quorum may be apart; 300 unless given',
  },
} as const

/** `vm timestamp verify` */
export const timestampVerify: Command<typeof timestampVerifyArguments> = {
  path: ['timestamp', 'verify'],
  group: 'Prove',
  summary: 'Verify time-stamps of a file offline, check by check',
  description: [
    'Certificates are judged at the time that the token states, so a token stays good after its authority\u2019s certificate has expired. Ends with 0 when everything holds, 3 when a check fails, 7 when no authority that you trust made the token.',
  ],
  examples: [
    'vm timestamp verify report.pdf --token report.pdf.tsr --anchor freetsa-root.pem',
    'vm timestamp verify report.pdf --token a.tsr --token b.tsr --quorum 2 --policy ours.vmpolicy.json',
  ],
  arguments: timestampVerifyArguments,
  status: 'experimental',
  load: () => import('../handlers/timestamp-verify.ts'),
}

/** The arguments of `vm timestamp show`. */
export const timestampShowArguments = {
  token: {
    type: 'text',
    positional: true,
    required: true,
    value: 'TOKEN',
    about: 'A response or a bare token; - is stdin',
  },
} as const

/** `vm timestamp show` */
export const timestampShow: Command<typeof timestampShowArguments> = {
  path: ['timestamp', 'show'],
  group: 'Prove',
  summary: 'Show what a time-stamp claims, without verifying it',
  examples: ['vm timestamp show report.pdf.tsr'],
  arguments: timestampShowArguments,
  status: 'experimental',
  load: () => import('../handlers/timestamp-show.ts'),
}
