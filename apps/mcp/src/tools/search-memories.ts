import type { McpServer } from '@modelcontextprotocol/server'
import { recordKinds } from '@vaultmesh/remembrancer/workspace'
import { z } from 'zod'
import { nextCursor, readCursor } from '../cursor.ts'
import type { McpDependencies } from '../dependencies.ts'
import { maxPage, maxQuery, usualPage } from '../limits.ts'
import { memoryItem, shownItem } from '../memory-view.ts'
import { addTool, readOnly } from '../tool.ts'
import { notice, visible, warning } from '../untrusted.ts'

const input = z.strictObject({
  query: z
    .string()
    .max(maxQuery)
    .default('')
    .describe('words that must all be there, "a phrase" in quotation marks; empty finds all'),
  kind: z.enum(recordKinds).optional().describe('only memories of this kind'),
  tag: z.string().max(64).optional().describe('only memories with exactly this tag'),
  since: z.iso
    .datetime()
    .optional()
    .describe('only what occurred then or later: RFC 3339 in UTC, as 2026-11-23T10:00:00Z'),
  limit: z.int().min(1).max(maxPage).default(usualPage),
  cursor: z.string().max(20).optional().describe('nextCursor of the page before'),
})

const output = z.object({
  notice: z.string(),
  memories: z
    .array(memoryItem.extend({ excerpt: z.string().optional() }))
    .describe('the newest entries of the log first'),
  nextCursor: z.string().optional().describe('there may be more: ask again with it as cursor'),
})

/** Adds `search_memories`. */
export function searchMemories(server: McpServer, dependencies: McpDependencies): void {
  const { memory } = dependencies
  addTool(server, dependencies, {
    name: 'search_memories',
    title: 'Search memories',
    description: `Finds what was recorded in ${memory.namespace}: decisions, deployments, incidents, discoveries, notes, artifacts, spawned services and routings, by words in title, kind, tags and body. ${warning} Read one in full with get_memory.`,
    annotations: readOnly,
    input,
    output,
    async run({ query, kind, tag, since, limit, cursor }) {
      const before = readCursor(cursor)
      const found = await memory.search(query, {
        limit,
        ...(kind === undefined ? {} : { kind }),
        ...(tag === undefined ? {} : { tag }),
        ...(since === undefined ? {} : { since: new Date(since) }),
        ...(before === undefined ? {} : { before }),
      })
      const next = nextCursor(found, limit)
      return {
        notice,
        memories: found.map(({ excerpt, ...item }) => ({
          ...shownItem(item),
          ...(excerpt === undefined ? {} : { excerpt: visible(excerpt.slice(0, 1000)) }),
        })),
        ...(next === undefined ? {} : { nextCursor: next }),
      }
    },
  })
}
