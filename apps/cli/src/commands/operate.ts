import type { Command } from '../command.ts'

/** The arguments of `vm log recover`. */
export const logRecoverArguments = {
  'expected-size': {
    type: 'count',
    value: 'N',
    required: true,
    about: 'How many records the log had when you last saw it',
  },
  'passphrase-file': {
    type: 'text',
    value: 'FILE',
    about: 'Read the passphrase of the keyring from the first line of this file',
  },
} as const

/** `vm log recover` */
export const logRecover: Command<typeof logRecoverArguments> = {
  path: ['log', 'recover'],
  group: 'Look after',
  summary: 'Let a restored log be written again, once you confirm it',
  description: [
    'A clone or a restored folder does not know what was signed last, so vm refuses to write to it: signing on could show two people two different histories. If you know that this copy is the latest and that no other copy is written to, say how many records it must have. The whole tree is verified before anything is signed.',
  ],
  examples: ['vm log recover --expected-size 42'],
  arguments: logRecoverArguments,
  status: 'experimental',
  load: () => import('../handlers/log-recover.ts'),
}

/** The arguments of `vm doctor`. */
export const doctorArguments = {} as const

/** `vm doctor` */
export const doctor: Command<typeof doctorArguments> = {
  path: ['doctor'],
  group: 'Start',
  summary: 'Check what vm needs on this machine, and how to mend it',
  description: ['Ends with 6 when something that vm needs is missing or unsafe.'],
  examples: ['vm doctor', 'vm doctor --json'],
  arguments: doctorArguments,
  status: 'experimental',
  load: () => import('../handlers/doctor.ts'),
}

/** The arguments of `vm demo`. */
export const demoArguments = {
  keep: { type: 'flag', about: 'Keep the folder, and say where it is' },
} as const

/** `vm demo` */
export const demo: Command<typeof demoArguments> = {
  path: ['demo'],
  group: 'Start',
  summary: 'Show the whole path, from init to an offline proof',
  description: [
    'Spawns a service, tests it, records it, proves the record, and verifies the proof in a process without a network. Everything happens in a temporary folder with keys of its own, and is removed at the end. Installing the service\u2019s dependencies needs the npm registry.',
  ],
  examples: ['vm demo', 'vm demo --keep'],
  arguments: demoArguments,
  status: 'experimental',
  load: () => import('../handlers/demo.ts'),
}
