/**
 * Time authorities that this user runs, apart from any workspace: a folder each, beside the keyring
 * that holds their keys.
 */
import { type KeyObject, X509Certificate } from 'node:crypto'
import { mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { type AuthorityKeys, createAuthority, createAuthorityKeys } from '@vaultmesh/tsp/node'
import { stringify } from 'yaml'
import { RemembrancerError } from '../errors.ts'
import { attempt, readInteger, readMembers, readString } from '../formats/reading.ts'
import { isLabel } from '../formats/text.ts'
import { parseYaml } from './config.ts'
import { createFile, makeDirectories, syncDirectory, systemCode } from './files.ts'
import { Keyring } from './keyring.ts'
import { authorityDirectory, authorityStateDirectory, keyringDirectory } from './layout.ts'
import { pinOf } from './time-source.ts'
import type { WorkspaceEnvironment } from './types.ts'

/** How to make a time authority. */
export interface OwnAuthorityOptions {
  /** RFC 1123 label: what this user calls it, and a part of its certificate's name. */
  readonly name: string
  /** The kind of its key; P-256 unless told otherwise. */
  readonly algorithm?: 'P-256' | 'RSA-3072'
  /** The dotted OID of the policy that its tokens state. */
  readonly policy?: string
  /** How far its clock may be off, in whole seconds. */
  readonly accuracy?: number
  /** How many years its certificates are valid; 10 unless told otherwise. */
  readonly years?: number
  /** Encrypts the secret key; `null` leaves it unencrypted. */
  readonly passphrase: string | null
  readonly clock: () => Date
  readonly env: WorkspaceEnvironment
}

/** A time authority that this user runs. */
export interface OwnAuthority {
  readonly name: string
  /** The folder with its public parts: `authority.yaml`, `certificate.pem`, `anchor.pem`. */
  readonly folder: string
  /** The folder in which it remembers the serial numbers that it gave out. */
  readonly state: string
  /** DER. */
  readonly certificate: Uint8Array
  /** DER: what others trust. */
  readonly anchor: Uint8Array
  readonly policy: string | undefined
  readonly accuracy: number | undefined
}

const header = `# A time authority of yours. It holds no secret: its key is in your keyring.
# Others trust it with: vm tsa trust add NAME --anchor anchor.pem
`

function folderOf(env: WorkspaceEnvironment, name: string): string {
  if (isLabel(name)) return authorityDirectory(env, name)
  throw new RemembrancerError(
    'AUTHORITY_INVALID',
    `"${name}" can't be the name of a time authority: use 1 to 63 of a-z, 0-9 and "-", not at the ends.`,
  )
}

/** A clock that may be off by more than a day is none. */
function readAccuracy(value: unknown): number {
  return readInteger(value, 'accuracy', 1, 86_400)
}

function pemOf(der: Uint8Array): string {
  return new X509Certificate(der).toString()
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

function exists(folder: string): RemembrancerError {
  return new RemembrancerError(
    'AUTHORITY_EXISTS',
    `There is a time authority already: ${folder}. Use another name.`,
  )
}

/** Keys with which an authority can be served as it is asked for: nothing is written before. */
function keysOf(options: OwnAuthorityOptions): AuthorityKeys {
  const { name, algorithm, policy, accuracy, years = 10, clock } = options
  const notBefore = new Date(Math.floor(clock().getTime() / 1000) * 1000)
  const notAfter = new Date(notBefore)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + years)
  try {
    const common = `${name} time authority`.slice(0, 58)
    if (accuracy !== undefined) readAccuracy(accuracy)
    const keys = createAuthorityKeys({ name: common, notBefore, notAfter, algorithm })
    createAuthority({ ...keys, policy, accuracy })
    return keys
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new RemembrancerError('AUTHORITY_INVALID', `No authority can be made: ${reason}.`, {
      cause,
    })
  }
}

/**
 * Makes a time authority: all of it or nothing.
 *
 * @throws RemembrancerError AUTHORITY_EXISTS, AUTHORITY_INVALID, HOME_MISSING, KEYRING_PERMISSIONS,
 * PASSPHRASE_NEEDED
 */
export async function initOwnAuthority(options: OwnAuthorityOptions): Promise<OwnAuthority> {
  const { name, env, passphrase, policy, accuracy } = options
  if (passphrase === '') {
    const message = 'An empty passphrase protects nothing. Give one, or say that you want none.'
    throw new RemembrancerError('PASSPHRASE_NEEDED', message)
  }
  const folder = folderOf(env, name)
  if (await isThere(folder)) throw exists(folder)
  const keys = keysOf(options)
  const keyring = new Keyring(keyringDirectory(env))
  await keyring.prepare()
  const fingerprint = encodeHex(pinOf(keys.certificate))
  const undoKey = await keyring.add({ duty: 'time', fingerprint }, keys.privateKey, passphrase)
  let staging: string | undefined
  try {
    await makeDirectories(dirname(folder), 0o700)
    staging = await mkdtemp(`${folder}-staging-`)
    const document = {
      version: 0,
      key: fingerprint,
      ...(policy === undefined ? {} : { policy }),
      ...(accuracy === undefined ? {} : { accuracy }),
    }
    await createFile(join(staging, 'authority.yaml'), header + stringify(document), 0o644)
    await createFile(join(staging, 'certificate.pem'), pemOf(keys.certificate), 0o644)
    await createFile(join(staging, 'anchor.pem'), pemOf(keys.anchor), 0o644)
    await rename(staging, folder)
    await syncDirectory(dirname(folder))
  } catch (error) {
    if (staging !== undefined) await rm(staging, { recursive: true, force: true })
    await undoKey()
    throw ['ENOTEMPTY', 'EEXIST'].includes(systemCode(error)) ? exists(folder) : error
  }
  return readOwnAuthority(name, env)
}

/**
 * Reads the public parts of a time authority that this user runs.
 *
 * @throws RemembrancerError AUTHORITY_MISSING, AUTHORITY_INVALID, HOME_MISSING
 */
export async function readOwnAuthority(
  name: string,
  env: WorkspaceEnvironment,
): Promise<OwnAuthority> {
  const folder = folderOf(env, name)
  if (!(await isThere(folder))) {
    throw new RemembrancerError(
      'AUTHORITY_MISSING',
      `You run no time authority of the name "${name}". Make it with: vm tsa init ${name}`,
    )
  }
  try {
    const text = await readFile(join(folder, 'authority.yaml'), 'utf8')
    const read = attempt(() => {
      const members = readMembers(
        parseYaml(text),
        'authority',
        ['key', 'version'],
        ['accuracy', 'policy'],
      )
      readInteger(members['version'], 'version', 0, 0)
      const { accuracy, policy } = members
      return {
        key: readString(members['key'], 'key'),
        policy: policy === undefined ? undefined : readString(policy, 'policy'),
        accuracy: accuracy === undefined ? undefined : readAccuracy(accuracy),
      }
    })
    if (!read.ok) throw new Error(read.problem)
    const { key, policy, accuracy } = read.value
    const [certificate, anchor] = await Promise.all(
      ['certificate.pem', 'anchor.pem'].map(
        async (file) => new Uint8Array(new X509Certificate(await readFile(join(folder, file))).raw),
      ),
    )
    if (certificate === undefined || anchor === undefined) throw new Error('no certificate')
    if (encodeHex(pinOf(certificate)) !== key) {
      throw new Error('certificate.pem is not that of the key which authority.yaml names')
    }
    const state = authorityStateDirectory(env, key)
    return { name, folder, state, certificate, anchor, policy, accuracy }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new RemembrancerError('AUTHORITY_INVALID', `${folder} can't be used: ${reason}.`, {
      cause,
    })
  }
}

/**
 * The secret key of a time authority.
 *
 * @throws RemembrancerError KEYRING_PERMISSIONS, KEYRING_KEY_MISSING, KEYRING_KEY_INVALID,
 * PASSPHRASE_NEEDED, PASSPHRASE_WRONG
 */
export function ownAuthorityKey(
  { certificate }: OwnAuthority,
  env: WorkspaceEnvironment,
  askPassphrase: () => Promise<string | undefined>,
): Promise<KeyObject> {
  const keyring = new Keyring(keyringDirectory(env))
  return keyring.read({ duty: 'time', fingerprint: encodeHex(pinOf(certificate)) }, askPassphrase)
}
