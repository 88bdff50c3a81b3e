/** Makes a workspace: all of it or nothing. */
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { chmod, mkdtemp, realpath, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { ed25519NoteSigner, ed25519Signer, nodeEd25519NoteVerifier } from '@vaultmesh/merkle/node'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import { createLog } from '@vaultmesh/tlog'
import { createAuthorityKeys } from '@vaultmesh/tsp/node'
import { RemembrancerError } from '../errors.ts'
import { formatTime, isLabel } from '../formats/text.ts'
import { ed25519KeyId } from '../trust-policy.ts'
import { encodeConfig } from './config.ts'
import { createFile, makeDirectories, syncDirectory, systemCode } from './files.ts'
import { Keyring } from './keyring.ts'
import { folderName, keyringDirectory, layoutOf, stateDirectory } from './layout.ts'
import { encodeFirstPolicy } from './policy-file.ts'
import { pinOf } from './time-source.ts'
import type { Initialised, InitOptions } from './types.ts'

/** What stays on this machine: logs, mirrors and bodies are copied by other means than git. */
const gitignore = 'logs/\nblobs/\nmirrors/\nindex.sqlite*\n'

/** The embedded authority's certificate is meant to outlast the records that it stamps. */
const authorityYears = 20

type Undo = () => Promise<unknown>

function defaultNamespace(root: string): string {
  const label = basename(root)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
  return label === '' ? 'main' : label
}

function chooseNamespace(wanted: string | undefined, root: string): string {
  const namespace = wanted ?? defaultNamespace(root)
  if (isLabel(namespace)) return namespace
  throw new RemembrancerError(
    'NAMESPACE_INVALID',
    `"${namespace}" can't be a namespace: use 1 to 63 of a-z, 0-9 and "-", not at the ends.`,
  )
}

function chooseOrigin(prefix: string | undefined, namespace: string): string {
  // 128 random bits: an origin is never used again for another log.
  const chosen = prefix ?? `vm.invalid/${randomBytes(16).toString('hex')}`
  const isPrefix =
    chosen.length <= 255 &&
    /^[a-z0-9-]+(\.[a-z0-9-]+)+(:[0-9]{1,5})?(\/[A-Za-z0-9._~-]+)*$/.test(chosen)
  if (isPrefix && (prefix === undefined || !prefix.startsWith('vm.invalid'))) {
    return `${chosen}/${namespace}`
  }
  throw new RemembrancerError(
    'ORIGIN_INVALID',
    `"${chosen}" can't begin an origin: give a URL that you control, without its scheme and without a slash at the end, such as example.com/vm.`,
  )
}

async function resolveRoot(directory: string): Promise<string> {
  const root = await realpath(directory).catch(() => undefined)
  if (root !== undefined && (await stat(root)).isDirectory()) return root
  throw new RemembrancerError(
    'WORKSPACE_NOT_WRITABLE',
    `${directory} is not a folder. Make it first.`,
  )
}

async function refuseExisting(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined)
  if (found !== undefined) {
    throw new RemembrancerError('WORKSPACE_EXISTS', `There is a workspace already: ${folder}`)
  }
}

const writeFailures: readonly string[] = [
  'EACCES',
  'EDQUOT',
  'EEXIST',
  'ENOENT',
  'ENOSPC',
  'ENOTDIR',
  'EPERM',
  'EROFS',
]

/** Says what an error of the file system means here. */
function explain(error: unknown): unknown {
  if (!(error instanceof Error) || !writeFailures.includes(systemCode(error))) return error
  const reason = error.message
  return new RemembrancerError(
    'WORKSPACE_NOT_WRITABLE',
    `The workspace could not be written, and nothing of it was left behind: ${reason}`,
    { cause: error },
  )
}

interface Plan {
  readonly root: string
  readonly namespace: string
  readonly origin: string
  readonly keyring: Keyring
  readonly state: string
}

function makeKeys({ origin }: Plan, clock: () => Date) {
  const now = clock()
  // Whole seconds, as in certificates: the first token must not be older than its key.
  const validFrom = new Date(Math.floor(now.getTime() / 1000) * 1000)
  const notAfter = new Date(validFrom)
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + authorityYears)
  const record = generateKeyPairSync('ed25519').privateKey
  const log = generateKeyPairSync('ed25519').privateKey
  const name = `VaultMesh embedded time authority ${encodeHex(sha256(Buffer.from(origin))).slice(0, 16)}`
  const time = createAuthorityKeys({ name, notBefore: validFrom, notAfter })
  return { validFrom, record, log, time }
}

async function build(options: InitOptions, plan: Plan, undo: Undo[]): Promise<Initialised> {
  const { clock, passphrase, signal } = options
  const { root, namespace, origin, keyring, state } = plan
  const keys = makeKeys(plan, clock)
  const recordKey = ed25519Signer(keys.record).publicKey
  const logSigner = ed25519NoteSigner(origin, keys.log)
  const pin = pinOf(keys.time.certificate)
  const names = {
    record: ed25519KeyId(recordKey),
    log: logSigner.vkey,
    timeAuthority: encodeHex(pin),
  }

  undo.push(await keyring.prepare())
  const fingerprints = {
    record: encodeHex(sha256(recordKey)),
    log: encodeHex(sha256(ed25519Signer(keys.log).publicKey)),
    time: names.timeAuthority,
  } as const
  for (const [duty, key] of [
    ['record', keys.record],
    ['log', keys.log],
    ['time', keys.time.privateKey],
  ] as const) {
    signal?.throwIfAborted()
    undo.push(await keyring.add({ duty, fingerprint: fingerprints[duty] }, key, passphrase))
  }

  const staging = await mkdtemp(join(root, `${folderName}-staging-`))
  undo.push(() => rm(staging, { recursive: true, force: true }))
  // Private until here; the log in it is for any web server to hand out.
  await chmod(staging, 0o755)
  const layout = layoutOf(staging)
  await makeDirectories(dirname(layout.policy))
  await createFile(layout.gitignore, gitignore, 0o644)
  await createFile(layout.config, encodeConfig({ namespace, origin, keys: names }), 0o644)
  await createFile(
    layout.policy,
    encodeFirstPolicy({
      namespace,
      origin,
      recordKey,
      logVkey: logSigner.vkey,
      anchor: keys.time.anchor,
      pin,
      validFrom: formatTime(keys.validFrom),
    }),
    0o644,
  )
  const certificate = new X509Certificate(keys.time.certificate)
  await createFile(layout.certificate, certificate.toString(), 0o644)

  signal?.throwIfAborted()
  await makeDirectories(dirname(state), 0o700)
  const isNewState = (await stat(state).catch(() => undefined)) === undefined
  if (isNewState) undo.push(() => rm(state, { recursive: true, force: true }))
  const log = await createLog({
    directory: layout.log(namespace),
    stateDirectory: state,
    origin,
    signers: [logSigner],
    verifiers: [nodeEd25519NoteVerifier(logSigner.vkey)],
    ...(signal === undefined ? {} : { signal }),
  })
  await log.close()

  signal?.throwIfAborted()
  const folder = join(root, folderName)
  await rename(staging, folder).catch(async (error) => {
    await refuseExisting(folder)
    throw error
  })
  undo.push(() => rm(folder, { recursive: true, force: true }))
  await syncDirectory(root)
  return { root, namespace, origin, keys: names, keyring: keyring.directory, state }
}

/**
 * Makes a workspace, its keys and its log. On failure or abort nothing of it is left behind.
 *
 * @throws RemembrancerError WORKSPACE_EXISTS, WORKSPACE_NOT_WRITABLE, NAMESPACE_INVALID,
 * ORIGIN_INVALID, HOME_MISSING, KEYRING_PERMISSIONS, PASSPHRASE_NEEDED; TlogError LOG_EXISTS for an
 * origin that was used before; the reason of an aborted `signal`.
 */
export async function initWorkspace(options: InitOptions): Promise<Initialised> {
  const { env, passphrase, signal } = options
  signal?.throwIfAborted()
  if (passphrase === '') {
    const message = 'An empty passphrase protects nothing. Give one, or say that you want none.'
    throw new RemembrancerError('PASSPHRASE_NEEDED', message)
  }
  const root = await resolveRoot(options.directory)
  const namespace = chooseNamespace(options.namespace, root)
  const origin = chooseOrigin(options.originPrefix, namespace)
  await refuseExisting(join(root, folderName))
  const keyring = new Keyring(keyringDirectory(env))
  const plan = { root, namespace, origin, keyring, state: stateDirectory(env, origin) }
  const undo: Undo[] = []
  try {
    return await build(options, plan, undo)
  } catch (error) {
    for (const step of undo.reverse()) await step().catch(() => undefined)
    throw explain(error)
  }
}
