/** Which log a `vm log` command is about: that of the workspace, one of the user's own, or any. */
import { resolve } from 'node:path'
import { parseCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { nodeEd25519NoteVerifier } from '@vaultmesh/merkle/node'
import { maxNoteLength, type NoteVerifier, parseNote, parseVkey } from '@vaultmesh/merkle/note'
import { type LogPlace, logOptionsOf, openOwnLog } from '@vaultmesh/remembrancer/workspace'
import { type LogOptions, posixTiles } from '@vaultmesh/tlog'
import type { Context } from './command.ts'
import { VmError } from './errors.ts'
import { existingPassphrase } from './passphrase.ts'
import { withWorkspace } from './with-workspace.ts'

/** A log to be read. */
export interface LogTarget {
  readonly origin: string
  /** The folder of the published tree. */
  readonly directory: string
  readonly verifiers: readonly NoteVerifier[]
  /** What is needed to write to it, where it is the user's. */
  readonly place: LogPlace | undefined
}

/** The arguments that choose a log. */
export interface LogChoice {
  readonly log?: string | undefined
  readonly vkey?: readonly string[]
  readonly origin?: string | undefined
  readonly 'passphrase-file'?: string | undefined
}

/** A log by the keys that the user names. */
function byKeys(directory: string, vkeys: readonly string[]): LogTarget {
  const names = new Set(vkeys.map((vkey) => parseVkey(vkey)?.name))
  const [origin] = names
  if (origin === undefined || names.size > 1) {
    throw new VmError('VM_USAGE', '--vkey is not a verifier key of one log', {
      hint: 'give the whole line, such as example.com/log+01234567+AQ…; several must have one name',
    })
  }
  return { origin, directory, verifiers: vkeys.map(nodeEd25519NoteVerifier), place: undefined }
}

/** What a checkpoint says of whose it is. Nothing is believed because of it. */
export async function originIn(directory: string): Promise<string> {
  const bytes = await posixTiles(directory).read('checkpoint', maxNoteLength)
  const refuse = (why: string): VmError =>
    new VmError('VM_PREFLIGHT', `${directory} does not say which log it holds: ${why}`, {
      hint: 'name the folder that holds the file "checkpoint"; `vm log repair --origin` restores a lost one',
    })
  if (bytes === undefined) throw refuse('it has no file "checkpoint"')
  const note = parseNote(bytes)
  const parsed = note.ok ? parseCheckpoint(note.note.text) : note
  if (parsed.ok) return parsed.checkpoint.origin
  throw refuse(`its checkpoint is damaged: ${parsed.detail}`)
}

function targetOf(place: LogPlace): LogTarget {
  const { origin, directory, verifiers } = place
  return { origin, directory, verifiers, place }
}

/** Works on the chosen log. */
export async function withLog<T>(
  context: Context,
  choice: LogChoice,
  work: (target: LogTarget) => Promise<T>,
): Promise<T> {
  const { log, vkey = [] } = choice
  const passphraseFile = choice['passphrase-file']
  if (log === undefined) {
    if (vkey.length > 0) {
      throw new VmError('VM_USAGE', '--vkey needs --log', {
        hint: 'the keys of the log of a workspace are in its configuration',
      })
    }
    return withWorkspace(context, passphraseFile, async (workspace) =>
      work(targetOf(await workspace.log())),
    )
  }
  const directory = resolve(context.cwd, log)
  if (vkey.length > 0) return work(byKeys(directory, vkey))
  const origin = choice.origin ?? (await originIn(directory))
  const passphrase = (): Promise<string | undefined> => existingPassphrase(context, passphraseFile)
  return work(targetOf(await openOwnLog({ origin, directory, env: context.env, passphrase })))
}

/** What is needed to write to the chosen log. Asks for the passphrase. */
export async function writerOf(
  context: Context,
  { place, origin }: LogTarget,
): Promise<LogOptions> {
  if (place !== undefined) return logOptionsOf(place, { signal: context.signal })
  throw new VmError(
    'VM_USAGE',
    `the log ${origin} is read with --vkey, and is not yours to write to`,
  )
}
