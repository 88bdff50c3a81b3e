import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { agentRecorder } from '@vaultmesh/mcp'
import { openWorkspace, type Workspace } from '@vaultmesh/remembrancer/workspace'
import { createMetrics, createServer, drain, type ServerOptions } from '@vaultmesh/server'
import { openTokens } from '@vaultmesh/server/tokens'
import { pageDirectory } from '@vaultmesh/web'
import { Closers } from '../closers.ts'
import type { Context, Handler, Values } from '../command.ts'
import type { serveArguments } from '../commands/serve.ts'
import { VmError } from '../errors.ts'
import { openNodeIfAny } from '../federation-node.ts'
import { endAtOnceFromNowOn } from '../interrupt.ts'
import { existingPassphrase } from '../passphrase.ts'
import { requireNewest } from '../served-node.ts'
import { openServedRouter } from '../served-router.ts'
import { exposureOf, requirePort } from '../serving.ts'
import { toned } from '../text.ts'
import { requireTokens, tokensOf } from '../tokens.ts'
import { ownVersion } from '../version.ts'

type Words = Values<typeof serveArguments>

const usualHost = '127.0.0.1'
const usualPort = 9162n

/** How long what is under way may take once the server is to end. */
const graceMs = 10_000

/** What the server is made of besides the workspace. */
async function partsOf(
  context: Context,
  words: Words,
  workspace: Workspace,
  closers: Closers,
): Promise<Partial<ServerOptions>> {
  const { 'mcp-agent': agent, 'passphrase-file': passphraseFile } = words
  const router = await openServedRouter(context, words, closers)
  const writes = !words['read-only']
  const node = await openNodeIfAny(context, workspace, { passphraseFile, cosigns: writes })
  if (node !== undefined) {
    closers.add(() => node.federation.close())
    if (writes) {
      await requireNewest(node.federation, context.signal)
      // Keys may have changed since the description of the node was made.
      await node.federation.describe(await (await workspace.log()).signers())
    }
  }
  return {
    ...(router === undefined ? {} : { router }),
    ...(node === undefined ? {} : { federation: node.federation }),
    ...(existsSync(pageDirectory) ? { page: pageDirectory } : {}),
    mcp: {
      version: ownVersion(),
      ...(agent === undefined ? {} : { recorder: agentRecorder(workspace, agent) }),
    },
  }
}

interface Served {
  readonly app: Awaited<ReturnType<typeof createServer>>
  readonly workspace: Workspace
}

async function open(context: Context, words: Words, closers: Closers): Promise<Served> {
  const { host = usualHost, 'public-url': publicUrl, 'read-only': readOnly } = words
  const exposure = exposureOf(host)
  const metrics = createMetrics()
  // Not with the signal of Ctrl-C: what is under way is finished first.
  const workspace = await openWorkspace({
    directory: context.cwd,
    env: context.env,
    clock: () => new Date(),
    passphrase: () => existingPassphrase(context, words['passphrase-file']),
    observer: metrics.observer,
  })
  closers.add(() => workspace.close())
  const directory = tokensOf(context, workspace.origin)
  if (exposure === 'network') requireTokens(directory, host)
  // What would refuse the first record shows now.
  const agent = words['mcp-agent']
  if (readOnly && agent !== undefined) {
    throw new VmError('VM_USAGE', '--mcp-agent would write, and --read-only forbids it', {
      hint: 'give one of them',
    })
  }
  if (!readOnly) await workspace.prepareToRecord()
  if (agent !== undefined) await workspace.prepareToRecord({ agent })
  const limit = words['rate-limit']
  const app = await createServer({
    workspace,
    exposure,
    readOnly,
    metrics,
    log: { write: (line) => context.talk.say(line.trimEnd()) },
    tokens: openTokens({
      directory,
      clock: () => new Date(),
      onProblem: (error) => context.talk.say([toned('warn', 'warning'), `: ${String(error)}`]),
    }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    ...(limit === undefined
      ? {}
      : { limits: { requestsPerMinute: limit === 0n ? null : Number(limit) } }),
    ...(await partsOf(context, words, workspace, closers)),
  })
  return { app, workspace }
}

/** `vm serve` */
export const run: Handler<typeof serveArguments> = async (context, words) => {
  const { host = usualHost } = words
  const port = requirePort(words.port ?? usualPort)
  const closers = new Closers()
  try {
    const { app, workspace } = await open(context, words, closers)
    const { namespace, origin } = workspace
    const url = `${await app.listen({ host, port })}/`
    context.talk.say([toned('good', '\u2713'), ` ${namespace} is served at ${url}`])
    if (!context.signal.aborted) await once(context.signal, 'abort')
    endAtOnceFromNowOn()
    await drain(app, graceMs)
    // What was cut off may still be at the disk, or ask a witness.
    const isClosed = closers.close().then(() => true)
    if (!(await Promise.race([isClosed, wait(graceMs, false, { ref: false })]))) {
      context.talk.say([toned('warn', 'warning'), ': not everything came to its end'])
      setTimeout(() => process.exit(), 1000).unref()
    }
    return { json: { namespace, origin, url }, text: [`${namespace} is served no longer`] }
  } finally {
    await closers.close()
  }
}
