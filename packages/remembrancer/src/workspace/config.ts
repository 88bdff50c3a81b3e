/** `config.yaml`: who a workspace is. Committed to git, and holding no secret. */
import { parseVkey } from '@vaultmesh/merkle/note'
import { parse, stringify } from 'yaml'
import { RemembrancerError } from '../errors.ts'
import { attempt, readInteger, readMembers, readString, refuse } from '../formats/reading.ts'
import { readLabel, readPlainText } from '../formats/text.ts'
import type { WorkspaceKeys } from './types.ts'

/** What `config.yaml` says. */
export interface Config {
  readonly namespace: string
  readonly origin: string
  readonly keys: WorkspaceKeys
}

const header = `# This VaultMesh workspace. Commit this file; it holds no secret.
# The secret keys are in your keyring, under the names below.
`

function readPattern(value: unknown, where: string, pattern: RegExp): string {
  const text = readString(value, where)
  return pattern.test(text) ? text : refuse(where, `must look like ${pattern.source}`)
}

/** The keys of a log, each named after its origin. */
export function readLogKeys(
  keys: Readonly<Record<string, unknown>>,
  origin: string,
): Pick<WorkspaceKeys, 'log' | 'retiringLog'> {
  const read = (name: 'log' | 'retiringLog'): string => {
    const vkey = readString(keys[name], `keys.${name}`)
    const isNamed = parseVkey(vkey)?.name === origin
    return isNamed ? vkey : refuse(`keys.${name}`, 'must be a vkey named after the origin')
  }
  const log = read('log')
  return keys['retiringLog'] === undefined ? { log } : { log, retiringLog: read('retiringLog') }
}

function readConfig(value: unknown): Config {
  const config = readMembers(value, 'config', ['version', 'namespace', 'origin', 'keys'])
  readInteger(config['version'], 'version', 0, 0)
  const keys = readMembers(
    config['keys'],
    'keys',
    ['record', 'log', 'timeAuthority'],
    ['retiringLog'],
  )
  const origin = readPlainText(config['origin'], 'origin', 512)
  return {
    namespace: readLabel(config['namespace'], 'namespace'),
    origin,
    keys: {
      record: readPattern(keys['record'], 'keys.record', /^ed25519:[0-9a-f]{64}$/),
      ...readLogKeys(keys, origin),
      timeAuthority: readPattern(keys['timeAuthority'], 'keys.timeAuthority', /^[0-9a-f]{64}$/),
    },
  }
}

/** The value of a YAML file that people may have edited; undefined where it is not YAML. */
export function parseYaml(text: string): unknown {
  try {
    // No aliases: a few lines of them can stand for gigabytes.
    return parse(text, { maxAliasCount: 0, logLevel: 'error' })
  } catch {
    return undefined
  }
}

/** The text of `config.yaml`. */
export function encodeConfig({ namespace, origin, keys }: Config): string {
  const { record, log, retiringLog, timeAuthority } = keys
  const logs = retiringLog === undefined ? { log } : { log, retiringLog }
  const document = { version: 0, namespace, origin, keys: { record, ...logs, timeAuthority } }
  return header + stringify(document, { lineWidth: 0 })
}

/**
 * Reads the text of `config.yaml`; `path` is for the message.
 *
 * @throws RemembrancerError CONFIG_INVALID
 */
export function parseConfig(text: string, path: string): Config {
  const read = attempt(() => readConfig(parseYaml(text)))
  if (read.ok) return read.value
  throw new RemembrancerError('CONFIG_INVALID', `${path} can't be used: ${read.problem}.`)
}
