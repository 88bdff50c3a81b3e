import type { Command } from '../command.ts'

const passphraseFile = {
  type: 'text',
  value: 'FILE',
  about: 'Read the passphrase of the keyring from the first line of this file',
} as const

/** The arguments of `vm serve`. */
export const serveArguments = {
  port: { type: 'count', value: 'PORT', about: 'The port; 9162 unless given, 0 for any free one' },
  host: {
    type: 'text',
    value: 'ADDRESS',
    about: 'The IP address to listen on; 127.0.0.1 unless given',
  },
  'public-url': {
    type: 'text',
    value: 'URL',
    about: 'Where others reach it through a reverse proxy: reads need a token then too',
  },
  'read-only': { type: 'flag', about: 'Write no record, and need no secret key' },
  catalog: { type: 'text', value: 'FILE', about: 'The catalog to route with' },
  ledger: { type: 'text', value: 'FILE', about: 'The ledger of leases to route with' },
  policy: { type: 'text', value: 'FILE', about: 'The policy to route with, in YAML' },
  'mcp-agent': {
    type: 'text',
    value: 'NAME',
    about: 'The agent in whose name tokens with mcp:write may write through /mcp',
  },
  'rate-limit': {
    type: 'count',
    value: 'N',
    about: 'Requests of one client in a minute; 6000 unless given, 0 for any number',
  },
  'passphrase-file': passphraseFile,
} as const

/** `vm serve` */
export const serve: Command<typeof serveArguments> = {
  path: ['serve'],
  group: 'Serve',
  summary: 'Serve the workspace over HTTP, until Ctrl-C or SIGTERM',
  description: [
    'Records, proofs, verification, routing with a catalog and a ledger, federation where the workspace is a node, MCP, the files of the log, and the page that verifies proofs. /openapi.json describes it.',
    'Only this machine is served unless --host says otherwise, which is refused while there is no token. Recording and routing always need a token; reading does too, except on a loopback address without --public-url. There is no TLS: put a reverse proxy in front.',
    'It holds the lock of the log while it runs, unless --read-only: others write through it. On SIGTERM what is under way is finished, for ten seconds at most; a second one ends it at once.',
  ],
  examples: [
    'vm serve',
    'vm serve --catalog catalog.json --ledger leases.sqlite',
    'vm serve --public-url https://vm.example.com --passphrase-file /run/credentials/vm/passphrase',
  ],
  arguments: serveArguments,
  status: 'experimental',
  load: () => import('../handlers/serve.ts'),
}

const name = {
  type: 'text',
  positional: true,
  required: true,
  value: 'NAME',
  about: 'The name of the token, such as ci',
} as const

/** The arguments of `vm token create`. */
export const tokenCreateArguments = {
  name,
  scope: {
    type: 'list',
    value: 'SCOPE',
    about:
      'What it allows: memories:read, memories:write, route, federation, metrics, mcp:read, mcp:write; may be repeated',
  },
  days: { type: 'count', value: 'N', about: 'Days until it ends; 90 unless given' },
} as const

/** `vm token create` */
export const tokenCreate: Command<typeof tokenCreateArguments> = {
  path: ['token', 'create'],
  group: 'Serve',
  summary: 'Make a token for vm serve, shown this once',
  description: [
    'Only its SHA-256 is kept, beside your keyring. A server that runs takes it within a second.',
  ],
  examples: [
    'vm token create ci --scope memories:write',
    'vm token create scheduler --scope route --scope memories:read --days 30',
  ],
  arguments: tokenCreateArguments,
  status: 'experimental',
  load: () => import('../handlers/token-create.ts'),
}

/** The arguments of `vm token list`. */
export const tokenListArguments = {} as const

/** `vm token list` */
export const tokenList: Command<typeof tokenListArguments> = {
  path: ['token', 'list'],
  group: 'Serve',
  summary: 'List the tokens of this workspace, without their secrets',
  examples: ['vm token list', 'vm token list --json'],
  arguments: tokenListArguments,
  status: 'experimental',
  load: () => import('../handlers/token-list.ts'),
}

/** The arguments of `vm token revoke`. */
export const tokenRevokeArguments = { name } as const

/** `vm token revoke` */
export const tokenRevoke: Command<typeof tokenRevokeArguments> = {
  path: ['token', 'revoke'],
  group: 'Serve',
  summary: 'End a token; a server that runs refuses it in a second',
  examples: ['vm token revoke ci'],
  arguments: tokenRevokeArguments,
  status: 'experimental',
  load: () => import('../handlers/token-revoke.ts'),
}
