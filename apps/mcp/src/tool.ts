/** How a tool is declared, and what is the same for all of them. */
import type {
  CallToolResult,
  McpServer,
  StandardSchemaWithJSON,
  ToolAnnotations,
} from '@modelcontextprotocol/server'
import type { McpDependencies } from './dependencies.ts'
import { explained } from './errors.ts'

/** A tool that takes `In` and gives `Out`. */
export interface Tool<In, Out extends object> {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly annotations: Required<Omit<ToolAnnotations, 'title'>>
  readonly input: StandardSchemaWithJSON<unknown, In>
  readonly output: StandardSchemaWithJSON<Out, unknown>
  run(values: In): Promise<Out>
}

/** Nothing is changed, and nothing outside of the workspace is asked. */
export const readOnly = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const

/** Something is added, once for an idempotency key, and nothing taken away. */
export const adding = {
  readOnlyHint: false,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
} as const

/** Adds a tool to a server. A failure becomes a result that tells the agent what to do. */
export function addTool<In, Out extends object>(
  server: McpServer,
  { onerror }: Pick<McpDependencies, 'onerror'>,
  tool: Tool<In, Out>,
): void {
  const { name, title, description, annotations } = tool
  const config = {
    title,
    description,
    annotations,
    inputSchema: tool.input,
    outputSchema: tool.output,
  }
  server.registerTool(name, config, async (values: In): Promise<CallToolResult> => {
    try {
      const given = await tool.run(values)
      return {
        content: [{ type: 'text', text: JSON.stringify(given) }],
        structuredContent: { ...given },
      }
    } catch (error) {
      const { code, message, isWhole } = explained(error)
      if (!isWhole) onerror?.(error)
      return { content: [{ type: 'text', text: `${code}: ${message}` }], isError: true }
    }
  })
}
