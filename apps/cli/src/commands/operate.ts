import type { Command } from '../command.ts'
import { stepIds } from '../demo/step-ids.ts'

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
  only: {
    type: 'choice',
    choices: stepIds,
    value: 'STEP',
    about: 'Show one step alone; what it needs is done before, without words',
  },
  keep: { type: 'flag', about: 'Keep the folder, and say where it is' },
} as const

/** `vm demo` */
export const demo: Command<typeof demoArguments> = {
  path: ['demo'],
  group: 'Start',
  summary: 'Show what vm does, from init to a fork that is proven',
  description: [
    'Spawns a service, tests it, records it, and verifies a proof in a process without a network; routes a GPU job; has a second organisation mirror, cosign and catch a fork; asks over MCP; and opens the proof in a browser, where there is a Chromium.',
    'Everything happens in a temporary folder with keys of its own, and is removed at the end. Installing the service\u2019s dependencies needs the npm registry; nothing else leaves this machine.',
  ],
  examples: ['vm demo', 'vm demo --only route', 'vm demo --keep'],
  arguments: demoArguments,
  status: 'experimental',
  load: () => import('../handlers/demo.ts'),
}
