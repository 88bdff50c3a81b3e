import type { Command } from '../command.ts'

/** The arguments of `vm verify`. */
export const verifyArguments = {
  file: {
    type: 'text',
    positional: true,
    required: true,
    value: 'FILE',
    about: 'The proof, of a record or of a fork; - is stdin',
  },
  policy: {
    type: 'text',
    value: 'POLICY',
    about: 'Whom to believe: a policy file from a source that you trust',
  },
  'log-key': {
    type: 'list',
    value: 'VKEY',
    about: 'For the proof of a fork: believe this key of the log, in place of a policy',
  },
  body: {
    type: 'text',
    value: 'FILE',
    about: 'A body blob; it must be the one that the record speaks about',
  },
} as const

/** `vm verify` */
export const verify: Command<typeof verifyArguments> = {
  path: ['verify'],
  group: 'Prove',
  summary: 'Verify a proof offline against a policy, check by check',
  description: [
    'Reads the two files and nothing else: no workspace, no network, no clock. Ends with 0 when everything holds, 3 when a check fails, 7 when something is not trusted, 4 when evidence is missing.',
    'Given the proof of a fork (*.vmfork.json), 0 means that the fork is proven: the owner of the key signed two histories of one log.',
  ],
  examples: [
    'vm verify decision.vmproof.json --policy payments.vmpolicy.json',
    'vm verify payments.vmfork.json --policy payments.vmpolicy.json',
  ],
  arguments: verifyArguments,
  status: 'experimental',
  load: () => import('../handlers/verify.ts'),
}

/** The arguments of `vm trust export`. */
export const trustExportArguments = {
  output: {
    type: 'text',
    value: 'FILE',
    about: 'Where to write it; - is stdout; <namespace>.vmpolicy.json unless given',
  },
} as const

/** `vm trust export` */
export const trustExport: Command<typeof trustExportArguments> = {
  path: ['trust', 'export'],
  group: 'Prove',
  summary: 'Write the trust policy as one portable file',
  examples: ['vm trust export --output payments.vmpolicy.json'],
  arguments: trustExportArguments,
  status: 'experimental',
  load: () => import('../handlers/trust-export.ts'),
}
