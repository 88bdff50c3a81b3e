import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import {
  type Manifest,
  manifestPath,
  parseManifest,
  type VerifyReport,
  verify,
} from '@vaultmesh/spawn-core'
import { askProgram } from '../ask-program.ts'
import type { Context, Handler } from '../command.ts'
import type { spawnArguments } from '../commands/record.ts'
import { type VmCode, VmError } from '../errors.ts'
import { unreadable } from '../files.ts'
import { trustedManifestKeys } from '../manifest-keys.ts'
import { findProgram } from '../programs.ts'
import { recordDraft } from '../record.ts'
import { spawnDraft } from '../spawn-draft.ts'

/** `vm memory record spawn` */
export const run: Handler<typeof spawnArguments> = async (context, values) => {
  const directory = resolve(context.cwd, values.directory)
  requireUnchanged(
    values.directory,
    await verify({
      directory,
      tier: 'static',
      keys: await trustedManifestKeys(context, undefined),
      signal: context.signal,
      env: context.env,
    }),
  )
  const bytes = await readFile(join(directory, manifestPath)).catch((error: unknown) => {
    throw unreadable(join(values.directory, manifestPath), error)
  })
  const draft = spawnDraft(manifestIn(bytes), bytes, await commitOf(context, directory))
  return await recordDraft(context, values, {
    ...draft,
    ...(values.title === undefined ? {} : { title: values.title }),
  })
}

/**
 * Refuses what was signed by nobody whom the workspace trusts, and what is not as it was signed,
 * also where a team may change a file: what is recorded is the spawn, not what became of it.
 */
function requireUnchanged(shown: string, { ok, steps, differences }: VerifyReport): void {
  const refuse = (code: VmCode, found: string): never => {
    throw new VmError(code, `${shown} is not recorded: ${found}`, {
      hint: `run \`vm spawn verify ${shown}\` to see every check`,
    })
  }
  const failed = steps.find(({ status }) => status === 'fail')
  if (failed !== undefined) refuse('VM_NOT_VERIFIED', `${failed.id}: ${failed.detail}`)
  const signature = steps.find(({ id }) => id === 'manifest.signature')
  if (signature?.status !== 'pass') {
    refuse('VM_NOT_TRUSTED', signature?.detail ?? 'it has no signature')
  }
  const { changed, missing } = differences
  const [first] = [...changed, ...missing]
  const count = changed.length + missing.length
  if (first !== undefined) {
    const others = count === 1 ? '' : ` and ${count - 1} more`
    refuse('VM_NOT_VERIFIED', `${first}${others} is not as it was signed`)
  }
  if (!ok) refuse('VM_NOT_VERIFIED', 'it could not be checked')
}

function manifestIn(bytes: Uint8Array): Manifest {
  const parsed = parseManifest(bytes)
  if (parsed.ok) return parsed.manifest
  throw new VmError('VM_NOT_VERIFIED', `the manifest is none: ${parsed.problems.join('; ')}`)
}

/** The commit that brought the manifest, where the folder is a git repository. */
async function commitOf(context: Context, directory: string): Promise<string | undefined> {
  const git = findProgram('git', context.env)
  if (git === undefined) return undefined
  const words = ['-C', directory, 'rev-list', '-1', 'HEAD', '--', manifestPath]
  const commit = (await askProgram(context, git, words))?.trim() ?? ''
  return /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(commit) ? commit : undefined
}
