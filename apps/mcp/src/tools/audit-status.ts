import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { auditOf } from '../audit.ts'
import type { McpDependencies } from '../dependencies.ts'
import { addTool, readOnly } from '../tool.ts'

const input = z.strictObject({})

const output = z.object({
  namespace: z.string(),
  origin: z.string().describe('the log'),
  head: z
    .object({
      size: z.string().describe('how many entries the log has, decimal'),
      root: z.string().describe('its RFC 6962 root, hex'),
      checkpoint: z.string().describe('the resource with the signed checkpoint'),
    })
    .optional()
    .describe('the newest published head, its signature verified'),
  witnesses: z.object({
    required: z.array(z.string()).describe('the witnesses that the policy names'),
    cosigned: z.array(z.string()).describe('those of them that cosigned this head'),
    quorum: z.boolean().describe('whether enough did for the policy; false where it asks for none'),
  }),
  newest: z
    .object({ id: z.string(), attestedAt: z.string().optional(), verified: z.boolean() })
    .optional()
    .describe('the newest memory; attestedAt is the last attested time'),
  agents: z.array(z.string()).describe('the agents that the policy trusts now'),
  findings: z
    .array(
      z.object({
        name: z.string(),
        status: z.enum(['ok', 'warn', 'fail']),
        detail: z.string(),
      }),
    )
    .describe('what a look at the log found; fail is for a person to mend'),
})

/** Adds `audit_status`. */
export function auditStatus(server: McpServer, dependencies: McpDependencies): void {
  addTool(server, dependencies, {
    name: 'audit_status',
    title: 'State of the log',
    description:
      'Says how the log stands: size, root, who witnessed it, the last attested time, and whether it could be written to. Changes nothing and repairs nothing.',
    annotations: readOnly,
    input,
    output,
    run: () => auditOf(dependencies),
  })
}
