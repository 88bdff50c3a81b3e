import type { Command } from '../command.ts'

/** The kinds that a timeline can be narrowed to. */
const kinds = [
  'decision',
  'incident',
  'discovery',
  'note',
  'artifact',
  'deployment',
  'routing',
  'spawn',
] as const

/** The arguments of `vm memory timeline`. */
export const timelineArguments = {
  kind: { type: 'choice', choices: kinds, about: 'Only records of this kind' },
  limit: { type: 'count', value: 'N', about: 'At most N; 50 unless given' },
} as const

/** `vm memory timeline` */
export const timeline: Command<typeof timelineArguments> = {
  path: ['memory', 'timeline'],
  group: 'Remember',
  summary: 'List the records, newest first',
  examples: ['vm memory timeline', 'vm memory timeline --kind decision --limit 20 --json'],
  arguments: timelineArguments,
  status: 'experimental',
  load: () => import('../handlers/timeline.ts'),
}

const id = {
  type: 'text',
  positional: true,
  required: true,
  value: 'ID',
  about: 'The record id, or the start of it: at least 8 of its hex digits',
} as const

/** The arguments of `vm memory show`. */
export const showArguments = { id } as const

/** `vm memory show` */
export const show: Command<typeof showArguments> = {
  path: ['memory', 'show'],
  group: 'Remember',
  summary: 'Show one record with its body',
  examples: ['vm memory show sha256:<digest>'],
  arguments: showArguments,
  status: 'experimental',
  load: () => import('../handlers/show.ts'),
}

/** The arguments of `vm memory prove`. */
export const proveArguments = {
  id,
  output: {
    type: 'text',
    value: 'FILE',
    about: 'Where to write it; - is stdout; <start of id>.vmproof.json unless given',
  },
} as const

/** `vm memory prove` */
export const prove: Command<typeof proveArguments> = {
  path: ['memory', 'prove'],
  group: 'Prove',
  summary: 'Write a proof of a record that anyone can verify offline',
  description: [
    'The proof holds the signed record, its time tokens, and its place in the log. Whoever verifies it needs it, your policy file (`vm trust export`), and nothing else.',
  ],
  examples: ['vm memory prove sha256:<digest> --output decision.vmproof.json'],
  arguments: proveArguments,
  status: 'experimental',
  load: () => import('../handlers/prove.ts'),
}
