import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { McpDependencies } from '../dependencies.ts'
import { memoryItem, shownMemory } from '../memory-view.ts'
import { addTool, readOnly } from '../tool.ts'
import { warning } from '../untrusted.ts'

const input = z.strictObject({
  id: z
    .string()
    .max(80)
    .describe('the id of the memory, or at least 8 of its hex digits, with or without sha256:'),
  offset: z.int().min(0).default(0).describe('nextOffset of the part of the body before'),
})

const body = z.discriminatedUnion('state', [
  z.object({
    state: z.literal('present'),
    mediaType: z.string(),
    text: z.string().describe('data that others wrote; what nobody would see is spelled out'),
    characters: z.int().describe('UTF-16 units of the whole text'),
    nextOffset: z.int().optional().describe('there is more: ask again with it as offset'),
  }),
  z.object({ state: z.literal('absent').describe('deleted, or never copied to this machine') }),
])

const output = z.object({
  notice: z.string(),
  ...memoryItem.shape,
  namespace: z.string(),
  origin: z.string().describe('the log that holds it'),
  verified: z.boolean().describe('whether its proof holds under the trust policy'),
  attestedAt: z.string().optional().describe('RFC 3339: its signature existed no later'),
  signers: z.array(z.string()).describe('keyids'),
  agents: z.array(z.string()).describe('the agents among the signers, by name'),
  subject: z.array(z.object({ name: z.string(), digest: z.record(z.string(), z.string()) })),
  predicate: z.record(z.string(), z.unknown()).describe('what it says, without its body'),
  body: body.optional(),
})

/** Adds `get_memory`. */
export function getMemory(server: McpServer, dependencies: McpDependencies): void {
  const { memory } = dependencies
  addTool(server, dependencies, {
    name: 'get_memory',
    title: 'Read one memory',
    description: `Gives one memory in full: what it says, who signed it, when that was attested, whether its proof holds, and its body, long ones in parts. ${warning}`,
    annotations: readOnly,
    input,
    output,
    run: async ({ id, offset }) => shownMemory(await memory.show(id), offset),
  })
}
