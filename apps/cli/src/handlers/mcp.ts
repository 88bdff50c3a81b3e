import { type McpDependencies, type Recorder, serveMcp } from '@vaultmesh/mcp'
import type { RecordDraft, Recorded } from '@vaultmesh/remembrancer/workspace'
import { Closers } from '../closers.ts'
import type { Context, Handler } from '../command.ts'
import type { mcpArguments } from '../commands/agent.ts'
import { failureOf, VmError } from '../errors.ts'
import { openServedRouter } from '../served-router.ts'
import { toned } from '../text.ts'
import { ownVersion } from '../version.ts'
import { withWorkspace } from '../with-workspace.ts'

/** Standard input is the client's: nobody can be asked there, and no file read from it. */
function withoutInput(context: Context): Context {
  return {
    ...context,
    askHidden: undefined,
    readInput: () => {
      const problem = 'standard input belongs to the MCP client, so - names no file'
      return Promise.reject(new VmError('VM_USAGE', problem, { hint: 'name a file' }))
    },
    // What is being recorded when Ctrl-C comes is finished.
    signal: new AbortController().signal,
  }
}

/** Records one after the other, each with a workspace of its own, so that the log is free between. */
function recorderOf(context: Context, agent: string, passphraseFile: string | undefined): Recorder {
  let last: Promise<unknown> = Promise.resolve()
  const write = (draft: RecordDraft): Promise<Recorded> =>
    withWorkspace(context, passphraseFile, (workspace) => workspace.record(draft, { agent }))
  return {
    agent,
    record(draft) {
      const mine = last.then(() => write(draft))
      last = mine.catch(() => undefined)
      return mine
    },
  }
}

/** What would refuse the agent's first record shows now, but for a log that is in use. */
async function requireAgent(
  context: Context,
  agent: string,
  passphraseFile: string | undefined,
): Promise<void> {
  try {
    await withWorkspace(context, passphraseFile, (workspace) =>
      workspace.prepareToRecord({ agent }),
    )
  } catch (error) {
    if (failureOf(error).code !== 'LOG_LOCKED') throw error
  }
}

/** `vm mcp` */
export const run: Handler<typeof mcpArguments> = async (asked, values) => {
  const context = withoutInput(asked)
  const { agent = 'agent', 'passphrase-file': passphraseFile } = values
  const mayWrite = values['allow-write']
  return withWorkspace(context, passphraseFile, async (workspace) => {
    const closers = new Closers()
    try {
      if (mayWrite) await requireAgent(context, agent, passphraseFile)
      const router = await openServedRouter(context, values, closers)
      const dependencies: McpDependencies = {
        memory: workspace,
        version: ownVersion(),
        ...(router === undefined ? {} : { router }),
        ...(mayWrite ? { recorder: recorderOf(context, agent, passphraseFile) } : {}),
        onerror(error) {
          const { code, message } = failureOf(error)
          context.talk.say([toned('bad', 'error'), `: ${message} `, toned('dim', `[${code}]`)])
        },
      }
      const rights = mayWrite ? `"${agent}" may write` : 'read only'
      context.talk.say([toned('good', '\u2713'), ` MCP for ${workspace.namespace}, ${rights}`])
      const { stdin: input, stdout: output } = process
      await serveMcp(dependencies, { input, output, signal: asked.signal })
    } finally {
      await closers.close()
    }
    // Nothing but the protocol may be on standard output.
    return { json: null, text: [], raw: new Uint8Array() }
  })
}
