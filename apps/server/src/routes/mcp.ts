/** `/mcp`: the workspace for AI agents. */
import type { McpDependencies } from '@vaultmesh/mcp'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { ServerContext } from '../context.ts'
import { reading } from '../http/authorise.ts'
import type { ServerOptions } from '../options.ts'

function authInfoOf({ client }: FastifyRequest) {
  if (client === null || client === 'refused') return undefined
  // What writes is chosen by the scopes; the secret itself is nobody's business there.
  return { token: '', clientId: client.name, scopes: [...client.scopes] }
}

/** Serves MCP to tokens with `mcp:read`, and what writes to those with `mcp:write`. */
export async function addMcp(
  app: FastifyInstance,
  { workspace, router }: ServerContext,
  { version, recorder }: NonNullable<ServerOptions['mcp']>,
): Promise<void> {
  const reads: McpDependencies = {
    memory: workspace,
    version,
    ...(router === undefined ? {} : { router }),
    onerror: (err) => app.log.error({ err }, 'an MCP request failed'),
  }
  // Loaded where it is asked for.
  const { mcpHandler } = await import('@vaultmesh/mcp')
  const handler = mcpHandler(
    ({ authInfo }) =>
      recorder !== undefined && authInfo?.scopes.includes('mcp:write') === true
        ? { ...reads, recorder }
        : reads,
    // The server's own guard has looked at both.
    { hosts: 'any', origins: 'any' },
  )
  // Streams that stay open would keep the server from ending.
  app.addHook('preClose', async () => handler.close())
  await app.register(async (scope) => {
    // The handler reads the body itself.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
    scope.route({
      method: ['GET', 'POST', 'DELETE'],
      url: '/mcp',
      config: { access: reading('mcp:read') },
      handler: async (request, reply) => {
        for (const [name, value] of Object.entries(reply.getHeaders())) {
          if (value !== undefined) reply.raw.setHeader(name, value)
        }
        reply.hijack()
        const authInfo = authInfoOf(request)
        await handler.node(request.raw, reply.raw, authInfo === undefined ? {} : { authInfo })
      },
    })
  })
}
