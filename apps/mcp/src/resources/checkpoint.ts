import type { McpServer } from '@modelcontextprotocol/server'
import { openLogReader } from '@vaultmesh/tlog'
import { checkpointUri } from '../checkpoint.ts'
import type { McpDependencies } from '../dependencies.ts'
import { explained } from '../errors.ts'

/** How a checkpoint stands in a list of resources. */
export function checkpointEntry(origin: string): {
  readonly uri: string
  readonly name: string
  readonly title: string
  readonly description: string
  readonly mimeType: string
} {
  return {
    uri: checkpointUri(origin),
    name: 'checkpoint',
    title: 'The signed checkpoint of the log',
    description: 'The newest published head (C2SP tlog-checkpoint), its signature verified.',
    mimeType: 'text/plain',
  }
}

/** Adds `checkpoint://{origin}`: the signed checkpoint of the workspace's log, verbatim. */
export function checkpointResource(server: McpServer, dependencies: McpDependencies): void {
  const { memory, onerror } = dependencies
  const { uri, name, ...metadata } = checkpointEntry(memory.origin)
  server.registerResource(name, uri, metadata, async () => {
    try {
      const { checkpoint } = await (await openLogReader(await memory.log())).head()
      return { contents: [{ uri, mimeType: metadata.mimeType, text: checkpoint }] }
    } catch (error) {
      onerror?.(error)
      const { code, message } = explained(error)
      throw new Error(`${code}: ${message}`)
    }
  })
}
