import type { McpServer } from '@modelcontextprotocol/server'
import { routingDraft } from '@vaultmesh/remembrancer/workspace'
import { z } from 'zod'
import { decisionSchema, shownDecision } from '../decision-view.ts'
import type { McpDependencies } from '../dependencies.ts'
import { McpError } from '../errors.ts'
import { agentsKey, idempotencyKey, recordedSchema, shownRecorded } from '../recorded.ts'
import { questionOf, questionShape } from '../route-question.ts'
import { adding, addTool } from '../tool.ts'

const input = z.strictObject({
  ...questionShape,
  idempotencyKey,
  holdMs: z
    .int()
    .min(1000)
    .max(3_600_000)
    .default(300_000)
    .describe('how long the offer is set aside unless a person or program binds it'),
})

const output = z.object({
  outcome: z.enum(['routed', 'refused']),
  repeated: z.boolean().describe('true where this key had routed it before'),
  lease: z
    .object({
      id: z.string(),
      offerId: z.string(),
      tenant: z.string(),
      state: z.enum(['hold', 'bound', 'released', 'expired']),
      units: z.int(),
      costMicroUsd: z.int(),
      fence: z.int(),
      expiresAt: z.string().describe('RFC 3339'),
    })
    .nullable(),
  decision: decisionSchema
    .nullable()
    .describe('null for a repeated call: what it was decided from is gone'),
  record: recordedSchema.nullable().describe('null where nothing was routed'),
})

/** Adds `route_workload`, where agents may write and there is a router. */
export function routeWorkload(server: McpServer, dependencies: McpDependencies): void {
  const { recorder, router } = dependencies
  if (recorder === undefined || router === undefined) return
  addTool(server, dependencies, {
    name: 'route_workload',
    title: 'Route GPU work',
    description: `Chooses an offer for GPU work, sets it and its cost aside for a while, and records the decision, signed with the key of the agent "${recorder.agent}". Starts nothing at any provider. See first with explain_route what would be chosen.`,
    annotations: adding,
    input,
    output,
    async run({ idempotencyKey: key, holdMs, ...question }): Promise<z.input<typeof output>> {
      const { agent } = recorder
      const { decision, lease, repeated, receipt } = await router.route(
        questionOf(question),
        agentsKey(agent, key),
        { ttlMs: holdMs, keepReceipt: true },
      )
      const view = decision === null ? null : shownDecision(decision)
      if (lease === null) {
        return { outcome: 'refused', repeated, lease: null, decision: view, record: null }
      }
      // Every lease of ours has a receipt.
      if (receipt === null) {
        throw new McpError(
          'KEY_TAKEN',
          'Another has leased something with this idempotencyKey. Use another one.',
        )
      }
      // The lease first: where recording fails, the same call again records what was leased.
      const recorded = await recorder.record(routingDraft(receipt))
      const { id, offerId, tenant, state, units, costMicroUsd, fence, expiresAt } = lease
      return {
        outcome: 'routed',
        repeated,
        lease: {
          id,
          offerId,
          tenant,
          state,
          units,
          costMicroUsd,
          fence,
          expiresAt: new Date(expiresAt).toISOString(),
        },
        decision: view,
        record: shownRecorded(recorded, agent),
      }
    },
  })
}
