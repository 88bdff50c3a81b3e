import type { Command } from '../command.ts'

/** What every kind of record takes. */
const common = {
  at: { type: 'text', value: 'TIME', about: 'When it happened (RFC 3339, Z); now unless given' },
  tag: { type: 'list', value: 'TAG', about: 'A word to find it by' },
  link: {
    type: 'list',
    value: 'REL=TARGET',
    about: 'What it belongs to: a record id, an https: URL or a urn:',
  },
  'idempotency-key': {
    type: 'text',
    value: 'KEY',
    about: 'Makes a retry safe: the same key and content give back the first record',
  },
  'passphrase-file': {
    type: 'text',
    value: 'FILE',
    about: 'Read the passphrase of the keyring from the first line of this file',
  },
} as const

const requiredTitle = {
  type: 'text',
  value: 'TEXT',
  required: true,
  about: 'One line that says what it is; it stays readable for ever',
} as const

const optionalTitle = {
  type: 'text',
  value: 'TEXT',
  about: 'One line that says what it is; made from the rest unless given',
} as const

/** What the kinds with a text of their own take besides. */
const body = {
  body: { type: 'text', value: 'TEXT', about: 'The text' },
  'body-file': { type: 'text', value: 'FILE', about: 'Read the text from this file; - is stdin' },
  'media-type': {
    type: 'text',
    value: 'TYPE',
    about: 'What the text is; text/markdown unless given',
  },
  'inline-body': {
    type: 'flag',
    about: 'Put the text in the log itself, where it can not be erased',
  },
} as const

/** The arguments of `vm memory record decision`. */
export const decisionArguments = {
  title: requiredTitle,
  ...body,
  status: {
    type: 'choice',
    choices: ['proposed', 'accepted', 'rejected', 'superseded'],
    otherwise: 'accepted',
    about: 'Where the decision stands',
  },
  ...common,
} as const

/** `vm memory record decision` */
export const recordDecision: Command<typeof decisionArguments> = {
  path: ['memory', 'record', 'decision'],
  group: 'Remember',
  summary: 'Record a decision',
  examples: [
    'vm memory record decision --title "Use PostgreSQL for orders" --body "We need transactions."',
    'vm memory record decision --title "Drop the cache" --status proposed --body-file adr-12.md --media-type text/markdown',
  ],
  arguments: decisionArguments,
  status: 'experimental',
  load: () => import('../handlers/record-decision.ts'),
}

/** The arguments of `vm memory record incident`. */
export const incidentArguments = {
  title: requiredTitle,
  ...body,
  severity: {
    type: 'choice',
    choices: ['sev1', 'sev2', 'sev3', 'sev4'],
    required: true,
    about: 'How bad it is; sev1 is worst',
  },
  status: {
    type: 'choice',
    choices: ['open', 'mitigated', 'resolved'],
    otherwise: 'open',
    about: 'Where the incident stands',
  },
  ...common,
} as const

/** `vm memory record incident` */
export const recordIncident: Command<typeof incidentArguments> = {
  path: ['memory', 'record', 'incident'],
  group: 'Remember',
  summary: 'Record an incident',
  examples: ['vm memory record incident --title "Orders stuck" --severity sev2 --body-file -'],
  arguments: incidentArguments,
  status: 'experimental',
  load: () => import('../handlers/record-incident.ts'),
}

/** The arguments of `vm memory record discovery` and `vm memory record note`. */
export const noteArguments = { title: requiredTitle, ...body, ...common } as const

/** `vm memory record discovery` */
export const recordDiscovery: Command<typeof noteArguments> = {
  path: ['memory', 'record', 'discovery'],
  group: 'Remember',
  summary: 'Record something found out',
  examples: [
    'vm memory record discovery --title "The pool leaks" --body "One connection a retry."',
  ],
  arguments: noteArguments,
  status: 'experimental',
  load: async () => (await import('../handlers/record-note.ts')).discovery,
}

/** `vm memory record note` */
export const recordNote: Command<typeof noteArguments> = {
  path: ['memory', 'record', 'note'],
  group: 'Remember',
  summary: 'Record a note',
  examples: ['vm memory record note --title "Quarterly review held" --body-file minutes.md'],
  arguments: noteArguments,
  status: 'experimental',
  load: async () => (await import('../handlers/record-note.ts')).note,
}

/** The arguments of `vm memory record artifact`. */
export const artifactArguments = {
  file: {
    type: 'text',
    positional: true,
    required: true,
    value: 'FILE',
    about: 'The file; its digest is recorded, not its content',
  },
  title: optionalTitle,
  'media-type': {
    type: 'text',
    value: 'TYPE',
    about: 'What the file is, such as application/gzip',
  },
  ...common,
} as const

/** `vm memory record artifact` */
export const recordArtifact: Command<typeof artifactArguments> = {
  path: ['memory', 'record', 'artifact'],
  group: 'Remember',
  summary: 'Record the digest of a file',
  examples: ['vm memory record artifact dist/service-1.4.0.tgz --tag release'],
  arguments: artifactArguments,
  status: 'experimental',
  load: () => import('../handlers/record-artifact.ts'),
}

/** The arguments of `vm memory record deployment`. */
export const deploymentArguments = {
  subject: {
    type: 'list',
    value: 'NAME@DIGEST',
    about: 'What was deployed: registry/image@sha256:… or repository@gitCommit:…',
  },
  service: { type: 'text', value: 'NAME', required: true, about: 'The service' },
  environment: { type: 'text', value: 'NAME', required: true, about: 'Where it went' },
  outcome: {
    type: 'choice',
    choices: ['succeeded', 'failed', 'rolled-back'],
    required: true,
    about: 'How it ended',
  },
  version: { type: 'text', value: 'TEXT', about: 'The version for people' },
  title: optionalTitle,
  ...common,
} as const

/** `vm memory record deployment` */
export const recordDeployment: Command<typeof deploymentArguments> = {
  path: ['memory', 'record', 'deployment'],
  group: 'Remember',
  summary: 'Record a deployment',
  examples: [
    'vm memory record deployment --service orders --environment production --outcome succeeded --subject ghcr.io/acme/orders@sha256:<digest>',
  ],
  arguments: deploymentArguments,
  status: 'experimental',
  load: () => import('../handlers/record-deployment.ts'),
}

/** The arguments of `vm memory record spawn`. */
export const spawnArguments = {
  directory: {
    type: 'text',
    positional: true,
    required: true,
    value: 'DIR',
    about: 'The folder of a spawned service',
  },
  title: optionalTitle,
  ...common,
} as const

/** `vm memory record spawn` */
export const recordSpawn: Command<typeof spawnArguments> = {
  path: ['memory', 'record', 'spawn'],
  group: 'Remember',
  summary: 'Record a spawned service by its signed manifest',
  description: [
    'Checks the manifest and every file that it names first, and refuses a service whose files have changed since it was spawned.',
  ],
  examples: ['vm memory record spawn payment-service'],
  arguments: spawnArguments,
  status: 'experimental',
  load: () => import('../handlers/record-spawn.ts'),
}
