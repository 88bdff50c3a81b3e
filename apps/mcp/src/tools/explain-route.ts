import type { McpServer } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { decisionSchema, shownDecision } from '../decision-view.ts'
import type { McpDependencies } from '../dependencies.ts'
import { questionOf, questionShape } from '../route-question.ts'
import { addTool, readOnly } from '../tool.ts'

const input = z.strictObject(questionShape)

/** Adds `explain_route`, where there is a router. */
export function explainRoute(server: McpServer, dependencies: McpDependencies): void {
  const { router } = dependencies
  if (router === undefined) return
  addTool(server, dependencies, {
    name: 'explain_route',
    title: 'Explain where GPU work would run',
    description:
      'Says which offer of the catalog a request would be routed to now, what it would cost, and why each other offer was not chosen. Sets nothing aside: ask route_workload for that, where it is there.',
    annotations: readOnly,
    input,
    output: decisionSchema,
    run: async (values) => shownDecision(router.decide(questionOf(values))),
  })
}
