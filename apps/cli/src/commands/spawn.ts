import type { Command } from '../command.ts'

/** The arguments of `vm spawn create`. */
export const spawnCreateArguments = {
  name: {
    type: 'text',
    positional: true,
    required: true,
    value: 'NAME',
    about: 'The name of the service: an RFC 1123 label, such as payment-service',
  },
  template: {
    type: 'text',
    value: 'T',
    required: true,
    about: 'The template: a name from `vm spawn templates`, or a folder as ./PATH',
  },
  'template-digest': {
    type: 'text',
    value: 'DIGEST',
    about: 'The digest that a template from a folder must have: its tags are code, and run',
  },
  set: { type: 'list', value: 'KEY=VALUE', about: 'Answer a question of the template' },
  answers: { type: 'text', value: 'FILE', about: 'Read answers from this YAML file' },
  'dry-run': { type: 'flag', about: 'Show what would be written, and write nothing' },
  'no-record': { type: 'flag', about: 'Do not record the spawn in the memory' },
  'passphrase-file': {
    type: 'text',
    value: 'FILE',
    about: 'Read the passphrase of the keyring from the first line of this file',
  },
} as const

/** `vm spawn create` */
export const spawnCreate: Command<typeof spawnCreateArguments> = {
  path: ['spawn', 'create'],
  group: 'Spawn',
  summary: 'Make a service in a new folder with its own git repository',
  description: [
    'Writes the whole service or nothing, commits it to git, signs a manifest of its files, and records the spawn in the memory of the workspace.',
  ],
  examples: [
    'vm spawn create payment-service --template ts-fastify',
    'vm spawn create payment-service --template ts-fastify --set owner=team-payments --dry-run',
  ],
  arguments: spawnCreateArguments,
  status: 'experimental',
  load: () => import('../handlers/spawn-create.ts'),
}

/** The arguments of `vm spawn verify`. */
export const spawnVerifyArguments = {
  service: {
    type: 'text',
    positional: true,
    required: true,
    value: 'DIR',
    about: 'The folder of the service',
  },
  tier: {
    type: 'choice',
    choices: ['static', 'test'],
    otherwise: 'static',
    about: 'static checks the files; test also installs, tests and runs the service',
  },
  policy: {
    type: 'text',
    value: 'POLICY',
    about: 'Whose signature counts: a policy file; the policy of the workspace unless given',
  },
  trust: { type: 'flag', about: 'Run the code of the service whoever signed it' },
} as const

/** `vm spawn verify` */
export const spawnVerify: Command<typeof spawnVerifyArguments> = {
  path: ['spawn', 'verify'],
  group: 'Spawn',
  summary: 'Check a spawned service: its files, its tests, a real start',
  description: [
    'The tier `test` runs what the service brings with it: install, type check, tests, a start with GET /healthz and /metrics, and a drain on SIGTERM. Only run it on services that you trust.',
  ],
  examples: ['vm spawn verify payment-service', 'vm spawn verify payment-service --tier test'],
  arguments: spawnVerifyArguments,
  status: 'experimental',
  load: () => import('../handlers/spawn-verify.ts'),
}

/** The arguments of `vm spawn templates`. */
export const spawnTemplatesArguments = {} as const

/** `vm spawn templates` */
export const spawnTemplates: Command<typeof spawnTemplatesArguments> = {
  path: ['spawn', 'templates'],
  group: 'Spawn',
  summary: 'List the templates',
  examples: ['vm spawn templates'],
  arguments: spawnTemplatesArguments,
  status: 'experimental',
  load: () => import('../handlers/spawn-templates.ts'),
}
