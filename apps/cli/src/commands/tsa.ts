import type { Command } from '../command.ts'

/** The arguments of `vm tsa init`. */
export const tsaInitArguments = {
  name: {
    type: 'text',
    positional: true,
    required: true,
    value: 'NAME',
    about: 'What you call it: a-z, 0-9 and "-"',
  },
  key: {
    type: 'choice',
    choices: ['p256', 'rsa3072'],
    otherwise: 'p256',
    about: 'The kind of key that signs its tokens',
  },
  'tsa-policy': { type: 'text', value: 'OID', about: 'The policy that its tokens state' },
  accuracy: {
    type: 'count',
    value: 'SECONDS',
    about: 'How far its clock may be off; tokens state none unless given',
  },
  years: {
    type: 'count',
    value: 'N',
    about: 'How long its certificates are valid; 10 unless given',
  },
  'no-passphrase': { type: 'flag', about: 'Keep the secret key unencrypted (mode 0600)' },
  'passphrase-file': {
    type: 'text',
    value: 'FILE',
    about: 'Read the passphrase for the secret key from the first line of this file',
  },
} as const

/** `vm tsa init` */
export const tsaInit: Command<typeof tsaInitArguments> = {
  path: ['tsa', 'init'],
  group: 'Look after',
  summary: 'Make a time authority of your own (RFC 3161)',
  description: [
    'Makes a root, whose key is thrown away, and a certificate for time-stamping; the key goes into your keyring. Whoever trusts the root believes the clock of the machine on which you serve it.',
  ],
  examples: ['vm tsa init clock', 'vm tsa init clock --key rsa3072 --accuracy 1 --no-passphrase'],
  arguments: tsaInitArguments,
  status: 'experimental',
  load: () => import('../handlers/tsa-init.ts'),
}

const ownName = {
  type: 'text',
  positional: true,
  required: true,
  value: 'NAME',
  about: 'The authority, as `vm tsa init` named it',
} as const

/** The arguments of `vm tsa serve`. */
export const tsaServeArguments = {
  name: ownName,
  port: { type: 'count', value: 'PORT', about: 'The port; 3161 unless given, 0 for any free one' },
  host: {
    type: 'text',
    value: 'ADDRESS',
    about: 'A loopback address; 127.0.0.1 unless given',
  },
  'passphrase-file': {
    type: 'text',
    value: 'FILE',
    about: 'Read the passphrase of the keyring from the first line of this file',
  },
} as const

/** `vm tsa serve` */
export const tsaServe: Command<typeof tsaServeArguments> = {
  path: ['tsa', 'serve'],
  group: 'Look after',
  summary: 'Answer time-stamp requests over HTTP, until Ctrl-C',
  description: [
    'RFC 3161 has no authentication, so only this machine is served. Put a reverse proxy with TLS, and with whatever limits you need, in front of it.',
  ],
  examples: ['vm tsa serve clock', 'vm tsa serve clock --port 0'],
  arguments: tsaServeArguments,
  status: 'experimental',
  load: () => import('../handlers/tsa-serve.ts'),
}

/** The arguments of `vm tsa show`. */
export const tsaShowArguments = { name: ownName } as const

/** `vm tsa show` */
export const tsaShow: Command<typeof tsaShowArguments> = {
  path: ['tsa', 'show'],
  group: 'Look after',
  summary: 'Show a time authority of your own, and how others trust it',
  examples: ['vm tsa show clock'],
  arguments: tsaShowArguments,
  status: 'experimental',
  load: () => import('../handlers/tsa-show.ts'),
}

/** The arguments of `vm tsa trust list`. */
export const tsaTrustListArguments = {} as const

/** `vm tsa trust list` */
export const tsaTrustList: Command<typeof tsaTrustListArguments> = {
  path: ['tsa', 'trust', 'list'],
  group: 'Prove',
  summary: 'List the time authorities that this workspace trusts',
  examples: ['vm tsa trust list', 'vm tsa trust list --json'],
  arguments: tsaTrustListArguments,
  status: 'experimental',
  load: () => import('../handlers/tsa-trust-list.ts'),
}

/** The arguments of `vm tsa trust add`. */
export const tsaTrustAddArguments = {
  name: {
    type: 'text',
    positional: true,
    required: true,
    value: 'NAME',
    about: 'What you call the authority; a name that is there gets a further window',
  },
  anchor: {
    type: 'list',
    value: 'CERT',
    required: true,
    about: 'The certificate that its chain ends in (PEM or DER), from a source that you trust',
  },
  pin: {
    type: 'list',
    value: 'CERT|HEX',
    about: 'Accept this leaf alone: its certificate, or the SHA-256 of its public key',
  },
  from: { type: 'text', value: 'TIME', about: 'The first time to accept; any unless given' },
  until: {
    type: 'text',
    value: 'TIME',
    about: 'The first time no longer to accept; none unless given',
  },
  'self-issued': {
    type: 'flag',
    about: 'The authority is run by the owner of the log: its time is not independent',
  },
} as const

/** `vm tsa trust add` */
export const tsaTrustAdd: Command<typeof tsaTrustAddArguments> = {
  path: ['tsa', 'trust', 'add'],
  group: 'Prove',
  summary: 'Trust a time authority: add it to the trust policy',
  description: [
    'Writes to .vaultmesh/trust/policy.yaml and keeps its comments. Compare the fingerprint that is printed with one that the authority publishes. When an authority changes its root or is no longer trusted, add a window or set validUntil there: what was stamped before stays verifiable.',
  ],
  examples: [
    'vm tsa trust add freetsa --anchor freetsa-root.pem',
    'vm tsa trust add freetsa --anchor root.pem --pin leaf.pem --from 2026-02-15T00:00:00Z',
  ],
  arguments: tsaTrustAddArguments,
  status: 'experimental',
  load: () => import('../handlers/tsa-trust-add.ts'),
}

/** The arguments of `vm tsa trust pin`. */
export const tsaTrustPinArguments = {
  name: {
    type: 'text',
    positional: true,
    required: true,
    value: 'NAME',
    about: 'The authority, as `vm tsa trust list` names it',
  },
  pin: {
    type: 'text',
    positional: true,
    required: true,
    value: 'CERT|HEX',
    about: 'The leaf\u2019s certificate (PEM or DER), or the SHA-256 of its public key',
  },
} as const

/** `vm tsa trust pin` */
export const tsaTrustPin: Command<typeof tsaTrustPinArguments> = {
  path: ['tsa', 'trust', 'pin'],
  group: 'Prove',
  summary: 'Accept only pinned leaf keys of a time authority',
  description: [
    'The first pin narrows the authority\u2019s latest window to that leaf; each further one allows one more.',
  ],
  examples: ['vm tsa trust pin freetsa leaf.pem'],
  arguments: tsaTrustPinArguments,
  status: 'experimental',
  load: () => import('../handlers/tsa-trust-pin.ts'),
}
