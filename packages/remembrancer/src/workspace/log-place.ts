/** One log of this machine: where it is, whose keys it has, and who witnesses it. */
import { nodeEd25519NoteVerifier } from '@vaultmesh/merkle/node'
import type { NoteSigner, NoteVerifier } from '@vaultmesh/merkle/note'
import type { TlogPolicy } from '@vaultmesh/merkle/policy'
import {
  type Cosign,
  type LogObserver,
  type LogOptions,
  posixTiles,
  witnessCosigner,
} from '@vaultmesh/tlog'
import { encodeConfig } from './config.ts'
import { putFile } from './files.ts'
import { type LogKeys, logVkeys } from './log-keys.ts'
import { withLogKey } from './log-trust.ts'
import type { Secrets } from './secrets.ts'
import type { Setup } from './setup.ts'

/** A log that its owner writes on this machine. */
export interface LogPlace {
  /** The log's identity. */
  readonly origin: string
  /** The folder of the published tree. */
  readonly directory: string
  /** The folder of the writer's own state. */
  readonly stateDirectory: string
  /** The vkeys of the log's keys. */
  readonly keys: LogKeys
  /** The log's keys, the one before while it is replaced too. */
  readonly verifiers: readonly NoteVerifier[]
  /** The witnesses of the log and their quorum, where it has any. */
  readonly witnesses: TlogPolicy | undefined
  /** The signers of the log's keys; asks for the passphrase where they are encrypted. */
  signers(): Promise<readonly NoteSigner[]>
  /**
   * Makes a new key, which readers are told to trust, and makes it the log's key; the one before
   * goes on signing beside it. `passphrase` encrypts the new one, `null` leaves it unencrypted.
   */
  beginRotation(passphrase: string | null): Promise<LogPlace>
  /** Lets the key before sign no more. It stays trusted, for what it signed. */
  endRotation(): Promise<LogPlace>
}

/** The verifiers of a log's own keys. */
export function logVerifiers(keys: LogKeys): NoteVerifier[] {
  return logVkeys(keys).map(nodeEd25519NoteVerifier)
}

/** What gathers the cosignatures of a log's witnesses; undefined where it has none. */
export function cosignerOf(
  { directory, witnesses }: LogPlace,
  signal: AbortSignal | undefined,
): Cosign | undefined {
  if (witnesses === undefined || witnesses.witnesses.length === 0) return undefined
  const tiles = posixTiles(directory)
  return witnessCosigner({ policy: witnesses, tiles, ...(signal === undefined ? {} : { signal }) })
}

/** How long to wait for the writer's lock, what ends that, and who is told of the log's work. */
interface Patience {
  readonly lockTimeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly observer?: LogObserver | undefined
}

/** What writing to a log needs. Reads its secret keys. */
export async function logOptionsOf(
  place: LogPlace,
  { lockTimeoutMs, signal, observer }: Patience,
): Promise<LogOptions> {
  const { origin, directory, stateDirectory, verifiers } = place
  const cosign = cosignerOf(place, signal)
  return {
    directory,
    stateDirectory,
    origin,
    verifiers,
    signers: await place.signers(),
    ...(lockTimeoutMs === undefined ? {} : { lockTimeoutMs }),
    ...(cosign === undefined ? {} : { cosign }),
    ...(signal === undefined ? {} : { signal }),
    ...(observer === undefined ? {} : { observer }),
  }
}

/** The log of a workspace, with these keys. */
async function placeOf(setup: Setup, secrets: Secrets, keys: LogKeys): Promise<LogPlace> {
  const { config, layout } = setup
  const { origin, namespace } = config
  const { logs } = await setup.policy()
  const keep = (kept: LogKeys): Promise<void> => {
    const { record, timeAuthority } = config.keys
    return putFile(
      layout.config,
      encodeConfig({ ...config, keys: { record, timeAuthority, ...kept } }),
    )
  }
  return {
    origin,
    directory: layout.log(namespace),
    stateDirectory: setup.state(),
    keys,
    verifiers: logVerifiers(keys),
    witnesses: logs.find((log) => log.origin === origin)?.policy,
    signers: () => secrets.logSigners(keys),
    async beginRotation(passphrase) {
      const { vkey } = await secrets.addLogKey(passphrase)
      // Trusted before it signs anything, so that no proof is made that nobody would believe.
      await setup.editPolicy((edit) => withLogKey(edit, origin, vkey))
      const next = { log: vkey, retiringLog: keys.log }
      await keep(next)
      return placeOf(setup, secrets, next)
    },
    async endRotation() {
      const next = { log: keys.log }
      await keep(next)
      return placeOf(setup, secrets, next)
    },
  }
}

/** The log of a workspace. */
export function workspaceLog(setup: Setup, secrets: Secrets): Promise<LogPlace> {
  const { log, retiringLog } = setup.config.keys
  return placeOf(setup, secrets, retiringLog === undefined ? { log } : { log, retiringLog })
}
