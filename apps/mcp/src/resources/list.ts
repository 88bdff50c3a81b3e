import type { ListResourcesResult, McpServer } from '@modelcontextprotocol/server'
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { nextCursor, readCursor } from '../cursor.ts'
import type { McpDependencies } from '../dependencies.ts'
import { explained } from '../errors.ts'
import { maxPage } from '../limits.ts'
import { adrUri } from '../memory-view.ts'
import { visible } from '../untrusted.ts'
import { checkpointEntry } from './checkpoint.ts'
import { standingText } from './decisions.ts'

async function pageOf(
  { memory }: McpDependencies,
  cursor: string | undefined,
): Promise<ListResourcesResult> {
  const before = readCursor(cursor)
  const found = await memory.decisions({
    limit: maxPage,
    ...(before === undefined ? {} : { before }),
  })
  const next = nextCursor(found, maxPage)
  return {
    resources: [
      ...(before === undefined ? [checkpointEntry(memory.origin)] : []),
      ...found.map((item) => ({
        uri: adrUri(item.id),
        name: item.id,
        title: visible(item.title),
        description: `Decision, ${standingText(item)}.`,
        mimeType: 'text/markdown',
      })),
    ],
    ...(next === undefined ? {} : { nextCursor: next }),
  }
}

/**
 * Lists the checkpoint and the decisions, page by page. All other memories are reached through
 * search_memories and `memory://{id}`.
 */
export function listResources(server: McpServer, dependencies: McpDependencies): void {
  // In place of the SDK's own list, which has no pages.
  server.server.setRequestHandler('resources/list', async ({ params }) => {
    try {
      return await pageOf(dependencies, params?.cursor)
    } catch (error) {
      const { code, message } = explained(error)
      if (code === 'CURSOR_INVALID') {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `${code}: ${message}`)
      }
      dependencies.onerror?.(error)
      throw new ProtocolError(ProtocolErrorCode.InternalError, `${code}: ${message}`)
    }
  })
}
