import type { Command } from '../command.ts'

const catalog = {
  type: 'text',
  value: 'FILE',
  required: true,
  about: 'The catalog, as `vm catalog import` wrote it',
} as const

const ledger = {
  type: 'text',
  value: 'FILE',
  required: true,
  about: 'The ledger of leases',
} as const

const key = {
  type: 'text',
  value: 'KEY',
  required: true,
  about: 'Your name for this hold: the same key and content give the same lease again',
} as const

const lease = {
  type: 'text',
  positional: true,
  required: true,
  value: 'LEASE',
  about: 'The id of the lease',
} as const

const fence = {
  type: 'count',
  value: 'N',
  required: true,
  about: 'The fence of the lease, as the command before gave it',
} as const

/** The arguments of `vm catalog import`. */
export const catalogImportArguments = {
  file: {
    type: 'text',
    positional: true,
    required: true,
    value: 'FILE',
    about: "A catalog in YAML, or a cloud's vms.csv of SkyPilot; - for standard input",
  },
  output: {
    type: 'text',
    value: 'FILE',
    required: true,
    about: 'The catalog to write; offers of other providers in it stay',
  },
  format: {
    type: 'choice',
    choices: ['yaml', 'skypilot'],
    about: 'What FILE is; skypilot where its name ends with .csv, else yaml',
  },
  provider: {
    type: 'text',
    value: 'NAME',
    about: 'Whose offers they are, for skypilot, which does not say it',
  },
  capacity: {
    type: 'count',
    value: 'N',
    about: 'Instances of each offer, for skypilot; not known unless given',
  },
  'latency-ms': {
    type: 'count',
    value: 'N',
    about: 'Milliseconds to the provider, for skypilot; not known unless given',
  },
  reputation: {
    type: 'count',
    value: 'N',
    about: 'From 0 to 100, for skypilot; not known unless given',
  },
  name: {
    type: 'text',
    value: 'TEXT',
    about: 'The name of this state of the catalog; its time unless given',
  },
  'taken-at': {
    type: 'text',
    value: 'TIME',
    about: 'When the prices were known, such as 2026-01-31T12:00:00Z; now unless given',
  },
} as const

/** `vm catalog import` */
export const catalogImport: Command<typeof catalogImportArguments> = {
  path: ['catalog', 'import'],
  group: 'Route',
  summary: 'Read the offers of providers into a catalog',
  description: [
    'A catalog is one file that never changes once it is written: a later import writes another, with its own digest. What a source does not say stays unknown; nothing is guessed.',
  ],
  examples: [
    'vm catalog import providers.yaml --output catalog.json',
    'vm catalog import lambda/vms.csv --provider lambda --output catalog.json',
  ],
  arguments: catalogImportArguments,
  status: 'experimental',
  load: () => import('../handlers/catalog-import.ts'),
}

/** The arguments of `vm route offers`. */
export const routeOffersArguments = {
  catalog,
  gpu: { type: 'text', value: 'GPU', about: 'Offers of this GPU alone, by any of its names' },
  region: { type: 'list', value: 'REGION', about: 'Offers in this region; may be repeated' },
} as const

/** `vm route offers` */
export const routeOffers: Command<typeof routeOffersArguments> = {
  path: ['route', 'offers'],
  group: 'Route',
  summary: 'List what a catalog offers, the cheapest first',
  examples: ['vm route offers --catalog catalog.json --gpu H100'],
  arguments: routeOffersArguments,
  status: 'experimental',
  load: () => import('../handlers/route-offers.ts'),
}

const question = {
  catalog,
  gpu: { type: 'text', value: 'GPU', required: true, about: 'The GPU, by any of its names' },
  gpus: { type: 'count', value: 'N', about: 'GPUs that must be in one instance; 1 unless given' },
  hours: {
    type: 'text',
    value: 'HOURS',
    required: true,
    about: 'How long it runs, such as 2 or 0.25',
  },
  tenant: { type: 'text', value: 'NAME', about: 'Who asks; default unless given' },
  region: {
    type: 'list',
    value: 'REGION',
    about: 'A region that will do; may be repeated; any unless given',
  },
  'max-price': { type: 'text', value: 'USD', about: 'The most that an instance may cost an hour' },
  budget: { type: 'text', value: 'USD', about: 'The most that the whole run may cost' },
  'max-latency-ms': { type: 'count', value: 'N', about: 'The most milliseconds to the provider' },
  'min-reputation': { type: 'count', value: 'N', about: 'The least reputation, from 0 to 100' },
  spot: { type: 'flag', about: 'Take offers too that the provider may take back' },
  policy: { type: 'text', value: 'FILE', about: 'A policy in YAML: weights and limits' },
  ledger: {
    type: 'text',
    value: 'FILE',
    about: 'A ledger of leases: what is leased there is not free',
  },
  at: { type: 'text', value: 'TIME', about: 'The time to decide for; now unless given' },
  seed: {
    type: 'text',
    value: 'TEXT',
    about: 'What decides between offers that are equal; empty unless given',
  },
} as const

/** The arguments of `vm route decide`. */
export const routeDecideArguments = {
  ...question,
  output: {
    type: 'text',
    value: 'FILE',
    about: 'Write the whole decision there, as canonical JSON',
  },
  record: {
    type: 'flag',
    about: 'Record it in the workspace: the digests of catalog and decision, and what was chosen',
  },
  'passphrase-file': {
    type: 'text',
    value: 'FILE',
    about: 'Read the passphrase of the keyring from the first line of this file',
  },
} as const

/** `vm route decide` */
export const routeDecide: Command<typeof routeDecideArguments> = {
  path: ['route', 'decide'],
  group: 'Route',
  summary: 'Choose the offer for a GPU job',
  description: [
    'Pure: the same catalog, question, policy, time and seed give the same decision, byte for byte. Nothing is bought or set aside; `vm route lease hold` does that. The record of a decision says that it was made, by whom and when; keep the catalog and the decision, which it names by digest, to show what it was made from.',
  ],
  examples: [
    'vm route decide --catalog catalog.json --gpu H100 --gpus 8 --hours 12 --max-price 30',
    'vm route decide --catalog catalog.json --gpu A100 --hours 1 --policy policy.yaml --output decision.json',
  ],
  arguments: routeDecideArguments,
  status: 'experimental',
  load: () => import('../handlers/route-decide.ts'),
}

/** The arguments of `vm route explain`. */
export const routeExplainArguments = question

/** `vm route explain` */
export const routeExplain: Command<typeof routeExplainArguments> = {
  path: ['route', 'explain'],
  group: 'Route',
  summary: 'Say of every offer why it was or was not chosen',
  examples: ['vm route explain --catalog catalog.json --gpu H100 --hours 12'],
  arguments: routeExplainArguments,
  status: 'experimental',
  load: () => import('../handlers/route-explain.ts'),
}

/** The arguments of `vm route simulate`. */
export const routeSimulateArguments = {
  wargame: {
    type: 'text',
    value: 'DIR',
    about:
      "The predecessor's war-game: providers.json, workloads.json and, without --seed, its CSVs",
  },
  seed: {
    type: 'text',
    value: 'TEXT',
    about: 'Draw a demand from this seed; 42 unless given, where no demand is replayed',
  },
  output: {
    type: 'text',
    value: 'DIR',
    about: 'Write summary.csv, steps.csv, decisions.csv and report.html there',
  },
} as const

/** `vm route simulate` */
export const routeSimulate: Command<typeof routeSimulateArguments> = {
  path: ['route', 'simulate'],
  group: 'Route',
  summary: 'Play policies on one demand, beside what is possible',
  description: [
    "Plays the predecessor's policy, ours, and ours with price or latency alone. With --wargame the demand that the predecessor drew is replayed, and its policy compared with its own answers, row by row. Otherwise a demand is drawn from a seed, for each tenant by itself, in a small world of our own.",
  ],
  examples: [
    'vm route simulate --output simulation',
    'vm route simulate --wargame wargame --output simulation',
  ],
  arguments: routeSimulateArguments,
  status: 'experimental',
  load: () => import('../handlers/route-simulate.ts'),
}

/** The arguments of `vm route lease capacity`. */
export const leaseCapacityArguments = {
  offer: {
    type: 'text',
    positional: true,
    required: true,
    value: 'OFFER',
    about: 'The id of the offer',
  },
  units: {
    type: 'count',
    positional: true,
    required: true,
    value: 'UNITS',
    about: 'Instances that there are',
  },
  ledger,
} as const

/** `vm route lease capacity` */
export const leaseCapacity: Command<typeof leaseCapacityArguments> = {
  path: ['route', 'lease', 'capacity'],
  group: 'Route',
  summary: 'Say how many instances an offer has',
  examples: ['vm route lease capacity lambda/8xH100/us-west-1 4 --ledger leases.sqlite'],
  arguments: leaseCapacityArguments,
  status: 'experimental',
  load: () => import('../handlers/lease-capacity.ts'),
}

/** The arguments of `vm route lease budget`. */
export const leaseBudgetArguments = {
  tenant: {
    type: 'text',
    positional: true,
    required: true,
    value: 'TENANT',
    about: 'Whose budget it is',
  },
  usd: {
    type: 'text',
    positional: true,
    required: true,
    value: 'USD',
    about: 'What may be spent in all',
  },
  ledger,
} as const

/** `vm route lease budget` */
export const leaseBudget: Command<typeof leaseBudgetArguments> = {
  path: ['route', 'lease', 'budget'],
  group: 'Route',
  summary: 'Say how much a tenant may spend',
  examples: ['vm route lease budget research 500 --ledger leases.sqlite'],
  arguments: leaseBudgetArguments,
  status: 'experimental',
  load: () => import('../handlers/lease-budget.ts'),
}

/** The arguments of `vm route lease hold`. */
export const leaseHoldArguments = {
  offer: leaseCapacityArguments.offer,
  ledger,
  catalog: { ...catalog, about: 'The catalog with the offer: its price, and its capacity' },
  tenant: { type: 'text', value: 'NAME', required: true, about: 'Who pays' },
  hours: {
    type: 'text',
    value: 'HOURS',
    required: true,
    about: 'How long it will run: what that costs is set aside',
  },
  key,
  ttl: {
    type: 'count',
    value: 'SECONDS',
    about: 'How long it is held unless it is bound; 300 unless given',
  },
} as const

/** `vm route lease hold` */
export const leaseHold: Command<typeof leaseHoldArguments> = {
  path: ['route', 'lease', 'hold'],
  group: 'Route',
  summary: 'Set an instance and its cost aside for a while',
  description: [
    'Capacity and budget are taken in one transaction: any number of processes may share a ledger, and none sells an instance or spends a dollar twice. A hold that is not bound ends by itself. Says the fence that the next command needs.',
  ],
  examples: [
    'vm route lease hold lambda/8xH100/us-west-1 --ledger leases.sqlite --catalog catalog.json --tenant research --hours 12 --key job-17',
  ],
  arguments: leaseHoldArguments,
  status: 'experimental',
  load: () => import('../handlers/lease-hold.ts'),
}

/** The arguments of `vm route lease bind`. */
export const leaseBindArguments = {
  lease,
  ledger,
  fence,
  reference: {
    type: 'text',
    value: 'TEXT',
    required: true,
    about: "The provider's name for what runs",
  },
  hours: {
    type: 'text',
    value: 'HOURS',
    required: true,
    about: 'When it ends by itself, and is charged, unless it is released before',
  },
} as const

/** `vm route lease bind` */
export const leaseBind: Command<typeof leaseBindArguments> = {
  path: ['route', 'lease', 'bind'],
  group: 'Route',
  summary: 'Say that what was held now runs',
  examples: [
    'vm route lease bind LEASE --ledger leases.sqlite --fence 7 --reference pod-12 --hours 12',
  ],
  arguments: leaseBindArguments,
  status: 'experimental',
  load: () => import('../handlers/lease-bind.ts'),
}

/** The arguments of `vm route lease release`. */
export const leaseReleaseArguments = {
  lease,
  ledger,
  fence,
  charged: {
    type: 'text',
    value: 'USD',
    about: 'What it came to; all that was set aside unless given, nothing where it never ran',
  },
} as const

/** `vm route lease release` */
export const leaseRelease: Command<typeof leaseReleaseArguments> = {
  path: ['route', 'lease', 'release'],
  group: 'Route',
  summary: 'Give a lease back',
  examples: ['vm route lease release LEASE --ledger leases.sqlite --fence 8 --charged 3.50'],
  arguments: leaseReleaseArguments,
  status: 'experimental',
  load: () => import('../handlers/lease-release.ts'),
}

/** The arguments of `vm route lease list`. */
export const leaseListArguments = {
  ledger,
  all: { type: 'flag', about: 'Show the leases too that have ended' },
} as const

/** `vm route lease list` */
export const leaseList: Command<typeof leaseListArguments> = {
  path: ['route', 'lease', 'list'],
  group: 'Route',
  summary: 'List leases, capacities and budgets',
  examples: ['vm route lease list --ledger leases.sqlite'],
  arguments: leaseListArguments,
  status: 'experimental',
  load: () => import('../handlers/lease-list.ts'),
}
