import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { McpDependencies } from '../dependencies.ts'
import { maxDecisionText } from '../limits.ts'
import { agentsKey, idempotencyKey, recordedSchema, shownRecorded } from '../recorded.ts'
import { adding, addTool } from '../tool.ts'

const input = z.strictObject({
  title: z.string().min(1).max(200).describe('stays in the log for ever: no secret, no person'),
  text: z
    .string()
    .min(1)
    .max(maxDecisionText)
    .describe('Markdown: context, decision, consequences. No secret'),
  status: z
    .enum(['proposed', 'accepted'])
    .default('proposed')
    .describe('accepted only where a person has said so'),
  supersedes: z
    .array(z.string().regex(/^sha256:[0-9a-f]{64}$/))
    .max(16)
    .default([])
    .describe('ids of decisions whose place it takes; what a person decided stays in force'),
  tags: z.array(z.string().min(1).max(64)).max(16).default([]),
  idempotencyKey,
})

/** Adds `record_decision`, where agents may write. */
export function recordDecision(server: McpServer, dependencies: McpDependencies): void {
  const { recorder, memory } = dependencies
  if (recorder === undefined) return
  addTool(server, dependencies, {
    name: 'record_decision',
    title: 'Record a decision',
    description: `Records a decision in the log of ${memory.namespace}, signed with the key of the agent "${recorder.agent}": everyone sees that an agent signed. It can't be taken back. Look with search_memories whether it was decided already.`,
    annotations: adding,
    input,
    output: recordedSchema,
    async run({ title, text, status, supersedes, tags, idempotencyKey: key }) {
      const recorded = await recorder.record({
        kind: 'decision',
        title,
        body: { text },
        details: { status },
        ...(tags.length === 0 ? {} : { tags: [...new Set(tags)] }),
        ...(supersedes.length === 0
          ? {}
          : { links: supersedes.map((record) => ({ rel: 'supersedes', record })) }),
        idempotencyKey: agentsKey(recorder.agent, key),
      })
      return shownRecorded(recorded, recorder.agent)
    },
  })
}
