/** Logs that this user keeps apart from any workspace: any entries, in a folder of the user's choice. */
import { readFile, rm } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isKeyName } from '@vaultmesh/merkle/note'
import { parsePolicy, type TlogPolicy } from '@vaultmesh/merkle/policy'
import { createLog } from '@vaultmesh/tlog'
import { stringify } from 'yaml'
import { RemembrancerError } from '../errors.ts'
import { attempt, readInteger, readMembers, readString, refuse } from '../formats/reading.ts'
import { parseYaml, readLogKeys } from './config.ts'
import { createFile, makeDirectories, putFile, systemCode } from './files.ts'
import { Keyring } from './keyring.ts'
import { keyringDirectory, logConfigFile, stateDirectory } from './layout.ts'
import { addLogKey, type LogKeys, logVkeys, readLogSigner } from './log-keys.ts'
import { type LogPlace, logVerifiers } from './log-place.ts'
import type { WorkspaceEnvironment } from './types.ts'

/** How to make a log. */
export interface OwnLogOptions {
  /** Its identity: a scheme-less URL prefix that the owner controls, never used before. */
  readonly origin: string
  /** The folder of the published tree. */
  readonly directory: string
  /** A tlog-policy with the log's witnesses, where it has any. */
  readonly witnesses?: string | undefined
  /** Encrypts the secret key; `null` leaves it unencrypted. */
  readonly passphrase: string | null
  readonly env: WorkspaceEnvironment
  readonly signal?: AbortSignal
}

/** How to find a log that was made. */
export interface OpenOwnLogOptions {
  readonly origin: string
  readonly directory: string
  readonly env: WorkspaceEnvironment
  /** Asked where a key is encrypted. `undefined` means that nobody can answer. */
  readonly passphrase?: () => Promise<string | undefined>
}

interface OwnLog {
  readonly origin: string
  readonly keys: LogKeys
  /** Text of a tlog-policy. */
  readonly witnesses: string | undefined
}

const header = `# A log of yours. It holds no secret: its key is in your keyring.
`

function encodeOwnLog({ origin, keys, witnesses }: OwnLog): string {
  const policy = witnesses === undefined ? {} : { witnesses }
  return header + stringify({ version: 0, origin, keys, ...policy }, { lineWidth: 0 })
}

function readOwnLog(value: unknown): OwnLog {
  const log = readMembers(value, '', ['version', 'origin', 'keys'], ['witnesses'])
  readInteger(log['version'], 'version', 0, 0)
  const origin = readString(log['origin'], 'origin')
  const keys = readMembers(log['keys'], 'keys', ['log'], ['retiringLog'])
  const { witnesses } = log
  const text = witnesses === undefined ? undefined : readString(witnesses, 'witnesses')
  if (text !== undefined) {
    const parsed = parsePolicy(text)
    if (!parsed.ok) refuse('witnesses', parsed.detail)
  }
  return { origin, keys: readLogKeys(keys, origin), witnesses: text }
}

function policyOf(text: string | undefined): TlogPolicy | undefined {
  const parsed = text === undefined ? undefined : parsePolicy(text)
  return parsed?.ok === true ? parsed.policy : undefined
}

function requireUsable({ origin, witnesses }: OwnLogOptions): void {
  if (!isKeyName(origin)) {
    throw new RemembrancerError(
      'ORIGIN_INVALID',
      `"${origin}" can't be an origin: it has no spaces, control characters or plus signs.`,
    )
  }
  const parsed = witnesses === undefined ? undefined : parsePolicy(witnesses)
  if (parsed?.ok === false) {
    throw new RemembrancerError('POLICY_INVALID', `The witnesses can't be used: ${parsed.detail}.`)
  }
}

function placeOf(own: OwnLog, options: OpenOwnLogOptions): LogPlace {
  const { origin, keys } = own
  const { directory, env, passphrase } = options
  const keyring = new Keyring(keyringDirectory(env))
  let answer: Promise<string | undefined> | undefined
  const askPassphrase = (): Promise<string | undefined> => {
    answer ??= passphrase?.() ?? Promise.resolve(undefined)
    return answer
  }
  const keep = async (kept: LogKeys): Promise<LogPlace> => {
    const next = { ...own, keys: kept }
    await putFile(logConfigFile(env, origin), encodeOwnLog(next))
    return placeOf(next, options)
  }
  return {
    origin,
    directory: resolve(directory),
    stateDirectory: stateDirectory(env, origin),
    keys,
    verifiers: logVerifiers(keys),
    witnesses: policyOf(own.witnesses),
    signers: () =>
      Promise.all(logVkeys(keys).map((vkey) => readLogSigner(keyring, vkey, askPassphrase))),
    async beginRotation(newPassphrase) {
      const { vkey } = await addLogKey(keyring, origin, newPassphrase)
      return keep({ log: vkey, retiringLog: keys.log })
    },
    endRotation: () => keep({ log: keys.log }),
  }
}

/**
 * Finds a log of this user by its origin.
 *
 * @throws RemembrancerError LOG_UNKNOWN, CONFIG_INVALID
 */
export async function openOwnLog(options: OpenOwnLogOptions): Promise<LogPlace> {
  const { env, origin } = options
  const path = logConfigFile(env, origin)
  const text = await readFile(path, 'utf8').catch((cause) => {
    const isMissing = systemCode(cause) === 'ENOENT'
    const message = isMissing
      ? `You have no log ${origin}: there is no ${path}. Name its key with --vkey to read it.`
      : `${path} can't be read.`
    throw new RemembrancerError(isMissing ? 'LOG_UNKNOWN' : 'CONFIG_INVALID', message, { cause })
  })
  const read = attempt(() => readOwnLog(parseYaml(text)))
  if (read.ok && read.value.origin === origin) return placeOf(read.value, options)
  const problem = read.ok ? `it is of ${read.value.origin}` : read.problem
  throw new RemembrancerError('CONFIG_INVALID', `${path} can't be used: ${problem}.`)
}

async function keepConfig(path: string, own: OwnLog): Promise<void> {
  await makeDirectories(dirname(path), 0o700)
  try {
    await createFile(path, encodeOwnLog(own), 0o600)
  } catch (cause) {
    if (systemCode(cause) !== 'EEXIST') throw cause
    const message = `You have a log ${own.origin} already: ${path}. An origin is never used for another log.`
    throw new RemembrancerError('WORKSPACE_EXISTS', message, { cause })
  }
}

/**
 * Makes a log without entries, with a key of its own. Where that fails, no key and no configuration
 * of it are left behind.
 *
 * @throws RemembrancerError ORIGIN_INVALID, POLICY_INVALID, WORKSPACE_EXISTS, those of the keyring;
 * TlogError LOG_EXISTS and as `createLog` does
 */
export async function initOwnLog(options: OwnLogOptions): Promise<LogPlace> {
  const { origin, directory, witnesses, passphrase, env, signal } = options
  requireUsable(options)
  const path = logConfigFile(env, origin)
  const added = await addLogKey(new Keyring(keyringDirectory(env)), origin, passphrase)
  const own = { origin, keys: { log: added.vkey }, witnesses }
  const place = placeOf(own, { origin, directory, env })
  try {
    await keepConfig(path, own)
  } catch (error) {
    await added.undo()
    throw error
  }
  try {
    const { stateDirectory, verifiers } = place
    await makeDirectories(dirname(stateDirectory), 0o700)
    const log = await createLog({
      directory: place.directory,
      stateDirectory,
      origin,
      signers: [added.signer],
      verifiers,
      ...(signal === undefined ? {} : { signal }),
    })
    await log.close()
  } catch (error) {
    await rm(path, { force: true })
    await added.undo()
    throw error
  }
  return place
}
