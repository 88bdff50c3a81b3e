/**
 * The entry that the whole suites run against: our factory and our handler, with the tools,
 * resources and prompts that the scenarios call by name. Sessions, which our own server does not
 * have, are here for the scenarios of 2025-11-25 in which a server asks its client.
 */
import {
  type EventStore,
  isLegacyRequest,
  type JSONRPCMessage,
  type McpServer,
  WebStandardStreamableHTTPServerTransport,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import { handlerOf } from '../../src/http.ts'
import { createMcpServer, type McpDependencies } from '../../src/index.ts'
import { addAskingTools, states } from './asking-tools.ts'
import { addPrompts, addRequests, addResources } from './rest.ts'
import { addSimpleTools } from './simple-tools.ts'

/** Keeps what was sent, for a client that comes back for the rest (2025-11-25, resumability). */
function keepEvents(): EventStore {
  const events: {
    readonly id: string
    readonly streamId: string
    readonly message: JSONRPCMessage
  }[] = []
  return {
    storeEvent(streamId, message) {
      const id = String(events.length)
      events.push({ id, streamId, message })
      return Promise.resolve(id)
    },
    async replayEventsAfter(lastEventId, { send }) {
      const { streamId = '' } = events.find(({ id }) => id === lastEventId) ?? {}
      const missed = events
        .slice(Number(lastEventId) + 1)
        .filter((event) => event.streamId === streamId)
      for (const { id, message } of missed) if ('jsonrpc' in message) await send(id, message)
      return streamId
    },
  }
}

type Fetch = (request: Request) => Promise<Response>

/** Makes the entry over a workspace. */
export function conformanceEntry(dependencies: McpDependencies): Fetch {
  const make = (): McpServer => {
    const server = createMcpServer(dependencies, {
      capabilities: {
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        logging: {},
        completions: {},
      },
      requestState: { verify: states.verify },
    })
    addSimpleTools(server)
    addAskingTools(server)
    addResources(server)
    addPrompts(server)
    addRequests(server)
    server.registerTool(
      'test_reconnection',
      { description: 'ends the stream before it answers', inputSchema: z.object({}) },
      (_values, { sessionId = '', mcpReq }) => {
        sessions.get(sessionId)?.closeSSEStream(mcpReq.id)
        return { content: [{ type: 'text', text: 'read in a second stream' }] }
      },
    )
    const changes = {
      tool: () => handler.notify.toolsChanged(),
      prompt: () => handler.notify.promptsChanged(),
    }
    for (const [what, notify] of Object.entries(changes)) {
      const config = { description: `says that a ${what} changed`, inputSchema: z.object({}) }
      server.registerTool(`test_trigger_${what}_change`, config, () => {
        notify()
        return { content: [{ type: 'text', text: 'said' }] }
      })
    }
    return server
  }
  const handler = handlerOf(make)
  const sessions = new Map<string, WebStandardStreamableHTTPServerTransport>()

  const inSession: Fetch = async (request) => {
    const id = request.headers.get('mcp-session-id')
    const held = id === null ? undefined : sessions.get(id)
    if (held !== undefined) return held.handleRequest(request)
    if (id !== null) return new Response('no such session', { status: 404 })
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => crypto.randomUUID(),
      eventStore: keepEvents(),
      retryInterval: 100,
      onsessioninitialized: (opened) => void sessions.set(opened, transport),
      onsessionclosed: (closed) => void sessions.delete(closed),
    })
    await make().connect(transport)
    return transport.handleRequest(request)
  }

  return async (request) => {
    const isOlder = await isLegacyRequest(request)
    // What our handler refuses by its host or origin is refused for the older protocols too.
    if (!isOlder) return handler.fetch(request)
    const { headers } = request
    const probe = new Request(request.url, { headers })
    const answer = await handler.fetch(probe)
    return answer.status === 403 ? answer : inSession(request)
  }
}
