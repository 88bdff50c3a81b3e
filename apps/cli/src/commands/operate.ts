import type { Command } from '../command.ts'

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
