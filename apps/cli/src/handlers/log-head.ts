import { encodeHex } from '@vaultmesh/merkle/bytes'
import { parseCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { parseNote } from '@vaultmesh/merkle/note'
import { evaluateCheckpoint } from '@vaultmesh/merkle/policy'
import { openLogReader, posixStorage } from '@vaultmesh/tlog'
import type { Handler } from '../command.ts'
import type { logHeadArguments } from '../commands/log.ts'
import { type LogTarget, withLog } from '../log-target.ts'
import { table } from '../text.ts'

/** The names of the witnesses in the log's policy that cosigned a checkpoint. */
async function cosignersOf({ place }: LogTarget, checkpoint: string): Promise<readonly string[]> {
  const policy = place?.witnesses
  return policy === undefined ? [] : (await evaluateCheckpoint(checkpoint, policy)).cosigners
}

/** How many entries the writer's state has signed; undefined where it is not here. */
async function signedSize({ place, origin }: LogTarget): Promise<bigint | undefined> {
  const bytes = place && (await posixStorage(place, origin).lock.read())
  const note = bytes && parseNote(bytes)
  const parsed = note?.ok === true ? parseCheckpoint(note.note.text) : undefined
  return parsed?.ok === true ? parsed.checkpoint.size : undefined
}

/** `vm log head` */
export const run: Handler<typeof logHeadArguments> = (context, values) =>
  withLog(context, values, async (target) => {
    const { origin, directory, verifiers } = target
    const reader = await openLogReader({ directory, origin, verifiers })
    const { size, root, checkpoint } = await reader.head()
    const note = parseNote(checkpoint)
    const signatures = note.ok ? note.note.signatures : []
    const signers = signatures.map(
      ({ name, keyId }) => `${name}+${keyId.toString(16).padStart(8, '0')}`,
    )
    const witnesses = await cosignersOf(target, checkpoint)
    const signed = await signedSize(target)
    const isBehind = signed !== undefined && signed !== size
    return {
      json: {
        checkpoint,
        directory,
        origin,
        root: encodeHex(root),
        ...(signed === undefined ? {} : { signedSize: String(signed) }),
        signers,
        size: String(size),
        witnesses,
      },
      text: table([
        ['log', origin],
        ['size', String(size)],
        ...(isBehind ? [['signed', `${signed}, not published here`] as const] : []),
        ['root', encodeHex(root)],
        ['signed by', signers.join(', ')],
        ['witnesses', witnesses.length === 0 ? 'none' : witnesses.join(', ')],
      ]),
    }
  })
