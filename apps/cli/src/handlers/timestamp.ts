import { lstat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { requestTimestamp, TspError } from '@vaultmesh/tsp'
import type { Context, Handler } from '../command.ts'
import type { timestampArguments } from '../commands/timestamp.ts'
import { VmError } from '../errors.ts'
import { writeNamed } from '../files.ts'
import { type Line, table, toned } from '../text.ts'
import { digestsOf, trustedAuthorities } from '../timestamps.ts'
import { withWorkspace } from '../with-workspace.ts'

/** A response that was verified. */
interface Stamped {
  /** Who made it, as the policy or the file of the anchor is called. */
  readonly authority: string
  /** RFC 3339. */
  readonly time: string
  readonly response: Uint8Array
  readonly warnings: readonly string[]
}

const selfIssued = 'self-issued: it proves this time to nobody who does not trust you'

/** `vm timestamp` */
export const run: Handler<typeof timestampArguments> = async (context, values) => {
  const { file, tsa, output } = values
  const one = output ?? `${file}.tsr`
  const names = tsa.length > 1 ? tsa.map((_, i) => `${output ?? file}.${i + 1}.tsr`) : [one]
  if (file === '-' && output === undefined) {
    throw new VmError('VM_USAGE', 'standard input has no name to make that of the response from', {
      hint: 'name the response with --output FILE',
    })
  }
  await refuseExisting(context, names)
  const [digest = new Uint8Array()] = await digestsOf(context, file, ['sha256'])
  const stamps =
    tsa.length === 0
      ? [await embedded(context, digest, values['passphrase-file'])]
      : await remote(context, digest, values)
  const written = await Promise.all(
    stamps.map(async (stamp, i) => ({
      ...stamp,
      path: await writeNamed(context, names[i] ?? one, stamp.response),
    })),
  )
  return {
    json: {
      timestamps: written.map(({ authority, path, time, warnings }) => ({
        authority,
        file: path,
        time,
        warnings,
      })),
    },
    text: written.flatMap(({ authority, path, time, warnings }): Line[] => [
      [toned('good', '\u2713'), ' stamped by ', toned('strong', authority)],
      ...table(
        [
          ['time', time],
          ['response', path],
        ],
        '  ',
      ),
      ...warnings.map((warning): Line => ['  ', toned('warn', 'warning'), `: ${warning}`]),
    ]),
  }
}

/** An older response is never written over: its time proves more than a newer one. */
async function refuseExisting(context: Context, names: readonly string[]): Promise<void> {
  for (const name of names) {
    const isThere = await lstat(resolve(context.cwd, name)).then(
      () => true,
      () => false,
    )
    if (isThere) {
      throw new VmError('VM_EXISTS', `${name} is there already`, {
        hint: 'keep it, since an older time proves more, and name another file with --output FILE',
      })
    }
  }
}

/** The embedded authority of the workspace: no network, and a time that its owner sets. */
function embedded(
  context: Context,
  digest: Uint8Array,
  passphraseFile: string | undefined,
): Promise<Stamped> {
  return withWorkspace(context, passphraseFile, async (workspace) => {
    const { response, time } = await workspace.timestamp(digest)
    return {
      authority: `the embedded time authority of ${workspace.origin}`,
      time,
      response,
      warnings: [selfIssued],
    }
  })
}

/** All authorities at once. If one gives no token that holds, nothing is written. */
async function remote(
  context: Context,
  digest: Uint8Array,
  values: Parameters<typeof trustedAuthorities>[1] & {
    readonly tsa: readonly string[]
    readonly timeout: bigint | undefined
  },
): Promise<readonly Stamped[]> {
  const authorities = await trustedAuthorities(context, values)
  context.talk.status(`asking ${values.tsa.join(', ')}`)
  const deadline = Number(values.timeout ?? 60n) * 1000
  return Promise.all(
    values.tsa.map(async (url) => {
      const received = await requestTimestamp({
        url,
        digest,
        authorities,
        deadline,
        signal: context.signal,
      }).catch((error) => {
        context.signal.throwIfAborted()
        throw explained(url, error)
      })
      const { authority, genTimeText, warnings } = received.verdict
      return {
        authority: authority?.name ?? url,
        time: genTimeText ?? received.genTime.toISOString(),
        response: received.response,
        warnings: [...warnings, ...(authority?.selfIssued === true ? [selfIssued] : [])],
      }
    }),
  )
}

/** Which authority it was, and whether its token was wrong or only not trusted. */
function explained(url: string, error: unknown): unknown {
  if (!(error instanceof TspError)) return error
  const { code, message, verdict } = error
  const isUntrusted = verdict?.checks.every(({ status }) => status !== 'fail') === true
  return code === 'TOKEN_REFUSED' && isUntrusted
    ? new VmError('VM_NOT_TRUSTED', `${url}: ${message}`, {
        hint: 'trust it with `vm tsa trust add`, or name its root with --anchor CERT',
      })
    : new TspError(code, `${url}: ${message}`, { cause: error })
}
