/** `.vaultmesh/federation.yaml`: whom a node federates with. Committed to git; holds no secret. */
import { cosignatureVerifier } from '@vaultmesh/merkle/cosignature'
import { isKeyName, parseVkey } from '@vaultmesh/merkle/note'
import { parsePolicy, type TlogPolicy } from '@vaultmesh/merkle/policy'
import { parsePrefix } from '@vaultmesh/tlog/http'
import { parse, stringify } from 'yaml'
import { FederationError } from '../errors.ts'
import { Problems } from './problems.ts'

/** A log of a peer, to be mirrored. */
export interface PeerLog {
  readonly origin: string
  /** A C2SP tlog-policy: the log's keys, its witnesses, its quorum. */
  readonly policy: string
  /** Where its tiles are, if not below the peer: the prefix of any C2SP tiled log. */
  readonly url?: string
}

/** Where a peer is, and what is taken from it. */
export interface PeerConfig {
  /** What this node calls it: 1 to 63 of a-z, 0-9, `.` and `-`. */
  readonly name: string
  /** The URL prefix of its node. One of `url` and `folder` is given. */
  readonly url?: string
  /** A workspace, or a published log, in a folder; relative to the workspace. */
  readonly folder?: string
  /** Takes http also from another machine. */
  readonly allowHttp?: boolean
  readonly logs: readonly PeerLog[]
}

/** What `federation.yaml` says. */
export interface FederationConfig {
  /** What this node calls itself: a key name without spaces, such as `example.com/vm`. */
  readonly name: string
  /** The URL prefix at which others reach this node, where they can. */
  readonly url?: string
  /** The origins that this node gives to others. Any other is private. */
  readonly share: readonly string[]
  readonly peers: readonly PeerConfig[]
  /** This node's witness, where it has one: its vkey is of type 4. */
  readonly witness?: { readonly name: string; readonly vkey: string }
}

/** What reading a configuration gives: it, or every problem that was found, with its path. */
export type ParsedFederationConfig =
  | { readonly ok: true; readonly config: FederationConfig }
  | { readonly ok: false; readonly problems: readonly string[] }

/** The longest configuration that is read, in UTF-16 units. */
const maxConfigLength = 1024 * 1024
const maxPeers = 256
const maxLogs = 1024
const maxTextLength = 512

const header = `# Whom this VaultMesh node federates with. Commit this file; it holds no secret.
# Keys in it were checked by a person: nothing here was believed because a peer said so.
`

function isName(text: string): boolean {
  return text.length <= maxTextLength && isKeyName(text)
}

function isPeerName(text: string): boolean {
  return /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(text)
}

function isFolder(text: string): boolean {
  return text !== '' && text.length <= 4096 && text.isWellFormed() && !/\p{Cc}/u.test(text)
}

function readOrigin(problems: Problems, value: unknown, path: string): string | undefined {
  return problems.text(value, path, 'an origin: no spaces, control characters or "+"', isName)
}

function readUrl(
  problems: Problems,
  value: unknown,
  path: string,
  allowHttp: boolean,
): string | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'string') return problems.note(path, 'must be a URL')
  try {
    return parsePrefix(value, 'this', allowHttp).href
  } catch (error) {
    return problems.note(path, error instanceof Error ? error.message : String(error))
  }
}

/** What is wrong with the policy of a log, or undefined. */
function policyProblem(text: string, origin: string): string | undefined {
  const parsed = parsePolicy(text)
  if (!parsed.ok) return parsed.detail
  const { logs } = parsed.policy
  if (logs.length === 0) return 'has no "log" line'
  const isOther = logs.some(({ vkey }) => parseVkey(vkey)?.name !== origin)
  return isOther ? `every log key must be named after the origin, ${origin}` : undefined
}

function readLog(
  problems: Problems,
  value: unknown,
  path: string,
  allowHttp: boolean,
): PeerLog | undefined {
  const members = problems.members(value, path, ['origin', 'policy', 'url'])
  if (members === undefined) return undefined
  const origin = readOrigin(problems, members['origin'], `${path}.origin`)
  const policy = problems.text(members['policy'], `${path}.policy`, 'the text of a policy', isText)
  const url = readUrl(problems, members['url'], `${path}.url`, allowHttp)
  if (origin === undefined || policy === undefined) return undefined
  const problem = policyProblem(policy, origin)
  if (problem !== undefined) return problems.note(`${path}.policy`, problem)
  return { origin, policy, ...(url === undefined ? {} : { url }) }
}

function isText(text: string): boolean {
  return text.length <= maxConfigLength
}

function readPeer(problems: Problems, value: unknown, path: string): PeerConfig | undefined {
  const members = problems.members(value, path, ['name', 'url', 'folder', 'allowHttp', 'logs'])
  if (members === undefined) return undefined
  const what = '1 to 63 of a-z, 0-9, "." and "-"'
  const name = problems.text(members['name'], `${path}.name`, what, isPeerName)
  const allowHttp = problems.flag(members['allowHttp'], `${path}.allowHttp`)
  const url = readUrl(problems, members['url'], `${path}.url`, allowHttp)
  const folder =
    members['folder'] === undefined
      ? undefined
      : problems.text(members['folder'], `${path}.folder`, 'the path of a folder', isFolder)
  if ((members['url'] === undefined) === (members['folder'] === undefined)) {
    problems.note(path, 'must have either a url or a folder')
  }
  const logs = problems.list(members['logs'], `${path}.logs`, maxLogs, (item, at) =>
    readLog(problems, item, at, allowHttp),
  )
  problems.distinct(
    logs.map(({ origin }) => origin),
    (i) => `${path}.logs[${i}].origin`,
  )
  if (name === undefined) return undefined
  return {
    name,
    ...(url === undefined ? {} : { url }),
    ...(folder === undefined ? {} : { folder }),
    ...(allowHttp ? { allowHttp } : {}),
    logs,
  }
}

function readWitness(problems: Problems, value: unknown): FederationConfig['witness'] {
  if (value === undefined) return undefined
  const members = problems.members(value, 'witness', ['name', 'vkey'])
  if (members === undefined) return undefined
  const name = problems.text(members['name'], 'witness.name', 'a key name', isName)
  const vkey = members['vkey']
  try {
    if (typeof vkey === 'string' && cosignatureVerifier(vkey).name === name) return { name, vkey }
  } catch {
    // Said below: no other text is a vkey of a witness either.
  }
  return problems.note('witness.vkey', 'must be a vkey of type 4 with the name of the witness')
}

/** One log has one policy, wherever it is had from: there is one mirror of it. */
function requireOnePolicy(problems: Problems, peers: readonly PeerConfig[]): void {
  const policies = new Map<string, { readonly policy: string; readonly path: string }>()
  for (const [i, { logs }] of peers.entries()) {
    for (const [j, { origin, policy }] of logs.entries()) {
      const path = `peers[${i}].logs[${j}].policy`
      const first = policies.get(origin)
      if (first === undefined) policies.set(origin, { policy, path })
      else if (first.policy !== policy) problems.note(path, `must be the same as ${first.path}`)
    }
  }
}

/** Reads a configuration out of a value that was parsed already. */
function federationConfigFrom(value: unknown): ParsedFederationConfig {
  const problems = new Problems()
  const known = ['version', 'name', 'url', 'share', 'peers', 'witness']
  const members = problems.members(value, '', known) ?? {}
  if (members['version'] !== 0) problems.note('version', 'must be 0')
  const name = problems.text(members['name'], 'name', 'a name without spaces and "+"', isName)
  // How others come here may be by way of a proxy: http is theirs to allow.
  const url = readUrl(problems, members['url'], 'url', true)
  const share = problems.list(members['share'], 'share', maxLogs, (item, at) =>
    readOrigin(problems, item, at),
  )
  problems.distinct(share, (i) => `share[${i}]`)
  const peers = problems.list(members['peers'], 'peers', maxPeers, (item, at) =>
    readPeer(problems, item, at),
  )
  problems.distinct(
    peers.map((peer) => peer.name),
    (i) => `peers[${i}].name`,
  )
  requireOnePolicy(problems, peers)
  const witness = readWitness(problems, members['witness'])
  if (name === undefined || problems.found.length > 0)
    return { ok: false, problems: problems.found }
  return {
    ok: true,
    config: {
      name,
      ...(url === undefined ? {} : { url }),
      share,
      peers,
      ...(witness === undefined ? {} : { witness }),
    },
  }
}

/** Reads the text of `federation.yaml`. Never throws. */
export function parseFederationConfig(text: string): ParsedFederationConfig {
  if (text.length > maxConfigLength) {
    return { ok: false, problems: [`has more than ${maxConfigLength} characters`] }
  }
  let value: unknown
  try {
    // No aliases: a few lines of them can stand for gigabytes.
    value = parse(text, { maxAliasCount: 0, logLevel: 'error' })
  } catch (error) {
    const [why = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
    return { ok: false, problems: [`is not YAML: ${why}`] }
  }
  return federationConfigFrom(value)
}

/** The text of `federation.yaml`. `parseFederationConfig` gives the configuration back. */
export function encodeFederationConfig(config: FederationConfig): string {
  const { name, url, share, peers, witness } = config
  const document = { version: 0, name, url, share, peers, witness }
  return header + stringify(document, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** The policy of a log. Throws CONFIG_INVALID where it is none, which no configuration has that was read. */
export function policyOf({ policy }: PeerLog): TlogPolicy {
  const parsed = parsePolicy(policy)
  if (parsed.ok) return parsed.policy
  throw new FederationError('CONFIG_INVALID', `the policy of a log: ${parsed.detail}`)
}
