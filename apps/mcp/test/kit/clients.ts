/** Clients of both eras, in this process. */
import {
  type CallToolResult,
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { type McpDependencies, mcpHandler } from '../../src/index.ts'

/** The protocol from 2026-07-28 on, which has no sessions, and those before it. */
export const eras = ['modern', 'legacy'] as const
export type Era = (typeof eras)[number]

const modes = { modern: { pin: '2026-07-28' }, legacy: 'legacy' } as const

/** A client that talks to the handler of `/mcp`, without a network. */
export async function connect(dependencies: McpDependencies, era: Era): Promise<Client> {
  const handler = mcpHandler(dependencies)
  const transport = new StreamableHTTPClientTransport(new URL('http://localhost/mcp'), {
    fetch: (url, init) => {
      const request = new Request(url, init)
      request.headers.set('host', 'localhost')
      return handler.fetch(request)
    },
  })
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: modes[era] } },
  )
  await client.connect(transport)
  return client
}

/** The text of a result's only part. */
export function textOf({ content }: CallToolResult): string {
  const [part, ...others] = content
  if (part?.type !== 'text' || others.length > 0) throw new Error('one text')
  return part.text
}
