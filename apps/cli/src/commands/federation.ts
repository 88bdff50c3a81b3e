import type { Command } from '../command.ts'

const passphraseFile = {
  type: 'text',
  value: 'FILE',
  about: 'Read the passphrase of the keyring from the first line of this file',
} as const

/** The arguments of `vm federation init`. */
export const federationInitArguments = {
  name: {
    type: 'text',
    value: 'NAME',
    about: 'What this node calls itself; the origin of the log without its namespace unless given',
  },
  url: { type: 'text', value: 'URL', about: 'The URL prefix at which others reach this node' },
  'new-witness': {
    type: 'flag',
    about: 'Replace the key of the witness of a node that is there already',
  },
  'no-passphrase': { type: 'flag', about: 'Keep the new secret key unencrypted (mode 0600)' },
  'passphrase-file': passphraseFile,
} as const

/** `vm federation init` */
export const federationInit: Command<typeof federationInitArguments> = {
  path: ['federation', 'init'],
  group: 'Federate',
  summary: 'Make this workspace a node: a witness, and a name for it',
  description: [
    'Writes .vaultmesh/federation.yaml, for git, and makes the key with which this node cosigns the logs of others. It is in your keyring; what it has cosigned is remembered in the state folder of this machine, which belongs into no backup.',
    'What is shared is the log of this workspace: its entries, with their titles, tags and names. Bodies are not.',
  ],
  examples: ['vm federation init', 'vm federation init --name acme --url https://vm.acme.example/'],
  arguments: federationInitArguments,
  status: 'experimental',
  load: () => import('../handlers/federation-init.ts'),
}

/** The arguments of `vm federation join`. */
export const federationJoinArguments = {
  name: {
    type: 'text',
    positional: true,
    required: true,
    value: 'NAME',
    about: 'What you call the peer: a-z, 0-9, "." and "-"',
  },
  place: {
    type: 'text',
    positional: true,
    required: true,
    value: 'PLACE',
    about: 'Its URL (https, or http on this machine), or the folder of a workspace or of a log',
  },
  'log-key': {
    type: 'list',
    value: 'VKEY',
    about: 'Believe this key of one of its logs, which is mirrored from then on',
  },
  policy: {
    type: 'text',
    value: 'POLICY',
    about: 'Believe what a policy file says of its logs: keys, witnesses and quorum',
  },
  share: {
    type: 'flag',
    about: 'Show the mirrors of these logs, and what is known of their forks, to others',
  },
  'witness-key': {
    type: 'text',
    value: 'VKEY',
    about: 'Have the log of this workspace witnessed by the peer',
  },
  quorum: {
    type: 'count',
    value: 'N',
    about: 'How many of all witnesses must cosign; else this one, beside those that had to',
  },
  'passphrase-file': passphraseFile,
} as const

/** `vm federation join` */
export const federationJoin: Command<typeof federationJoinArguments> = {
  path: ['federation', 'join'],
  group: 'Federate',
  summary: 'Mirror the logs of a peer, and have it witness yours',
  description: [
    'Without a key, it shows what the peer says of itself and ends with 7: nothing is believed because a peer says it. Compare the keys with what its owner gives you in another way, then run the command that is shown.',
    'A witness is added to the quorum of your log, which is signed once more and published cosigned: from then on, nothing is published that it has not cosigned. --quorum says how many of all witnesses are enough.',
  ],
  examples: [
    'vm federation join globex https://vm.globex.example/',
    'vm federation join globex https://vm.globex.example/ --log-key "$VKEY" --witness-key "$WITNESS"',
    'vm federation join globex ../globex --policy globex.vmpolicy.json',
  ],
  arguments: federationJoinArguments,
  status: 'experimental',
  load: () => import('../handlers/federation-join.ts'),
}

/** The arguments of `vm federation sync`. */
export const federationSyncArguments = {
  peers: {
    type: 'list',
    positional: true,
    value: 'PEER',
    about: 'Only these peers; all unless given',
  },
  'passphrase-file': passphraseFile,
} as const

/** `vm federation sync` */
export const federationSync: Command<typeof federationSyncArguments> = {
  path: ['federation', 'sync'],
  group: 'Federate',
  summary: 'Take what peers have more, verified, and cosign it',
  description: [
    'Signature and consistency of each log are verified at each step; what was interrupted goes on where it was. A log that shows two histories ends it with 3: the proof is kept, and the mirror stays where it was.',
  ],
  examples: ['vm federation sync', 'vm federation sync globex'],
  arguments: federationSyncArguments,
  status: 'experimental',
  load: () => import('../handlers/federation-sync.ts'),
}

/** The arguments of `vm federation status`. */
export const federationStatusArguments = {} as const

/** `vm federation status` */
export const federationStatus: Command<typeof federationStatusArguments> = {
  path: ['federation', 'status'],
  group: 'Federate',
  summary: 'Show each log, how much of it is trusted, and why',
  description: ['Looks at what is on this machine; asks nobody.'],
  examples: ['vm federation status', 'vm federation status --json'],
  arguments: federationStatusArguments,
  status: 'experimental',
  load: () => import('../handlers/federation-status.ts'),
}

/** The arguments of `vm federation witness`. */
export const federationWitnessArguments = {
  port: { type: 'count', value: 'PORT', about: 'The port; 6963 unless given, 0 for any free one' },
  host: {
    type: 'text',
    value: 'ADDRESS',
    about: 'A loopback address; 127.0.0.1 unless given',
  },
  'passphrase-file': passphraseFile,
} as const

/** `vm federation witness` */
export const federationWitness: Command<typeof federationWitnessArguments> = {
  path: ['federation', 'witness'],
  group: 'Federate',
  summary: 'Serve this node to peers, as their witness, until Ctrl-C',
  description: [
    'Answers add-checkpoint of C2SP tlog-witness below w/ for the logs of the peers that were joined, and serves the description of the node, the log of this workspace, its mirrors, and the fork proofs that it keeps.',
    'There is no authentication, so only this machine is served. Put a reverse proxy with TLS, and with whatever limits you need, in front of it, or use vm serve.',
  ],
  examples: ['vm federation witness', 'vm federation witness --port 0'],
  arguments: federationWitnessArguments,
  status: 'experimental',
  load: () => import('../handlers/federation-witness.ts'),
}

/** The arguments of `vm federation evidence`. */
export const federationEvidenceArguments = {
  proof: {
    type: 'text',
    positional: true,
    value: 'PROOF',
    about: 'The beginning of the id of one; all are listed unless given',
  },
  output: { type: 'text', value: 'FILE', about: 'Write it to this file; - is stdout' },
} as const

/** `vm federation evidence` */
export const federationEvidence: Command<typeof federationEvidenceArguments> = {
  path: ['federation', 'evidence'],
  group: 'Federate',
  summary: 'List the fork proofs that are kept, or write one to a file',
  description: [
    'A fork proof shows that the key of a log signed two histories. Anyone can check it offline with vm verify.',
  ],
  examples: ['vm federation evidence', 'vm federation evidence 4f9a --output payments.vmfork.json'],
  arguments: federationEvidenceArguments,
  status: 'experimental',
  load: () => import('../handlers/federation-evidence.ts'),
}

/** The arguments of `vm federation evidence add`. */
export const federationEvidenceAddArguments = {
  file: {
    type: 'text',
    positional: true,
    required: true,
    value: 'FILE',
    about: 'A fork proof; - is stdin',
  },
} as const

/** `vm federation evidence add` */
export const federationEvidenceAdd: Command<typeof federationEvidenceAddArguments> = {
  path: ['federation', 'evidence', 'add'],
  group: 'Federate',
  summary: 'Take in a fork proof that somebody gave you, if it holds',
  description: [
    'It is verified against the keys of the logs that this node knows. Peers that show this log to others get it at the next sync.',
  ],
  examples: ['vm federation evidence add payments.vmfork.json'],
  arguments: federationEvidenceAddArguments,
  status: 'experimental',
  load: () => import('../handlers/federation-evidence-add.ts'),
}
