import type { Command } from '../command.ts'

/** The arguments of `vm init`. */
export const initArguments = {
  namespace: {
    type: 'text',
    value: 'NAME',
    about: 'What the records here are about; the folder name unless given',
  },
  origin: {
    type: 'text',
    value: 'PREFIX',
    about: 'A URL prefix that you own, without a scheme, such as example.com/vm',
  },
  'no-passphrase': { type: 'flag', about: 'Keep the secret keys unencrypted (mode 0600)' },
  'passphrase-file': {
    type: 'text',
    value: 'FILE',
    about: 'Read the passphrase for the secret keys from the first line of this file',
  },
} as const

/** `vm init` */
export const init: Command<typeof initArguments> = {
  path: ['init'],
  group: 'Start',
  summary: 'Make a workspace in this folder',
  description: [
    'Makes .vaultmesh/ with a log and a trust policy, signing keys in your keyring, and a time authority of your own, which is marked as self-issued.',
    'The secret keys are encrypted with a passphrase. vm asks for it on a terminal; elsewhere --passphrase-file or --no-passphrase must say what to do.',
  ],
  examples: [
    'vm init',
    'vm init --namespace payments --origin example.com/vm --passphrase-file ~/passphrase',
  ],
  arguments: initArguments,
  status: 'experimental',
  load: () => import('../handlers/init.ts'),
}
