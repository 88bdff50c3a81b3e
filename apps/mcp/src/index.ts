/** A workspace for AI agents, over the Model Context Protocol. */

export {
  agentRecorder,
  type McpDependencies,
  type Memory,
  type Recorder,
} from './dependencies.ts'
export { McpError, type McpErrorCode } from './errors.ts'
export { type McpCall, type McpHandler, type McpHandlerOptions, mcpHandler } from './http.ts'
export { createMcpServer } from './server.ts'
export { type McpStreams, serveMcp } from './stdio.ts'
