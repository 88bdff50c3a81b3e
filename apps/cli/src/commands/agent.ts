import type { Command } from '../command.ts'

const name = {
  type: 'text',
  value: 'NAME',
  about: 'What it is called: a-z, 0-9 and "-"; agent unless given',
} as const

const passphraseFile = {
  type: 'text',
  value: 'FILE',
  about: 'Read the passphrase of the keyring from the first line of this file',
} as const

/** The arguments of `vm agent init`. */
export const agentInitArguments = {
  name,
  'no-passphrase': { type: 'flag', about: 'Keep the secret key unencrypted (mode 0600)' },
  'passphrase-file': {
    type: 'text',
    value: 'FILE',
    about: 'Read the passphrase for the secret key from the first line of this file',
  },
} as const

/** `vm agent init` */
export const agentInit: Command<typeof agentInitArguments> = {
  path: ['agent', 'init'],
  group: 'Remember',
  summary: 'Make a key for an AI agent, and trust it for decisions',
  description: [
    'Adds the key to .vaultmesh/trust/policy.yaml with the role agent: its signature counts for decisions and routings alone, and every verdict says that an agent signed. Give all keys of the workspace one passphrase. To end its trust, set validUntil there.',
  ],
  examples: ['vm agent init', 'vm agent init --name claude --no-passphrase'],
  arguments: agentInitArguments,
  status: 'experimental',
  load: () => import('../handlers/agent-init.ts'),
}

/** The arguments of `vm agent list`. */
export const agentListArguments = {} as const

/** `vm agent list` */
export const agentList: Command<typeof agentListArguments> = {
  path: ['agent', 'list'],
  group: 'Remember',
  summary: 'List the agents that this workspace trusts now',
  examples: ['vm agent list', 'vm agent list --json'],
  arguments: agentListArguments,
  status: 'experimental',
  load: () => import('../handlers/agent-list.ts'),
}

/** The arguments of `vm mcp`. */
export const mcpArguments = {
  'allow-write': {
    type: 'flag',
    about: 'Let the agent record decisions and route work, with a key of its own',
  },
  agent: {
    ...name,
    about: 'The agent that writes, as `vm agent list` names it; agent unless given',
  },
  catalog: { type: 'text', value: 'FILE', about: 'The catalog to route with' },
  ledger: { type: 'text', value: 'FILE', about: 'The ledger of leases to route with' },
  policy: { type: 'text', value: 'FILE', about: 'The policy to route with, in YAML' },
  'passphrase-file': passphraseFile,
} as const

/** `vm mcp` */
export const mcp: Command<typeof mcpArguments> = {
  path: ['mcp'],
  group: 'Serve',
  summary: 'Serve the workspace to an AI agent over MCP on stdio',
  description: [
    'Speaks the Model Context Protocol on standard input and output, for a client that starts it; it ends when its input ends. `vm serve` has the same at /mcp. Without --allow-write nothing can be written. With it, records are signed with the key that `vm agent init` made, and the lock of the log is held for a moment at the start, and while one is written.',
  ],
  examples: ['vm mcp', 'vm mcp --allow-write --agent claude --passphrase-file ~/.vm-passphrase'],
  arguments: mcpArguments,
  status: 'experimental',
  load: () => import('../handlers/mcp.ts'),
}
