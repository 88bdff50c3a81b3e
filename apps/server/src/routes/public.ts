/** What is public by design: the log's files, federation, and the page that verifies proofs. */
import fastifyStatic from '@fastify/static'
import { type Federation, sharedFiles } from '@vaultmesh/federation/node'
import type { Workspace } from '@vaultmesh/remembrancer/workspace'
import { staticLog } from '@vaultmesh/tlog/fastify'
import { pageHeaders } from '@vaultmesh/web'
import type { FastifyInstance } from 'fastify'
import { publicAccess } from '../http/authorise.ts'

/** Registers plugins that know nothing of tokens: all that they serve is open. */
async function openly(
  app: FastifyInstance,
  register: (scope: FastifyInstance) => Promise<unknown>,
): Promise<void> {
  await app.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, access: publicAccess }
    })
    await register(scope)
  })
}

/** `/log/…`: the published files of the workspace's log, by the paths of C2SP tlog-tiles. */
export async function addLog(app: FastifyInstance, workspace: Workspace): Promise<void> {
  const { directory } = await workspace.log()
  await openly(app, async (scope) =>
    scope.register(staticLog, { tiles: sharedFiles(directory), prefix: '/log' }),
  )
}

/** The endpoints of federation. What is sent there is believed only as far as it verifies. */
export async function addFederation(app: FastifyInstance, node: Federation): Promise<void> {
  // Loaded where it is asked for.
  const { federation } = await import('@vaultmesh/federation/fastify')
  await openly(app, async (scope) => scope.register(federation, { federation: node }))
}

/** `/verify/` */
export async function addPage(app: FastifyInstance, root: string): Promise<void> {
  await openly(app, async (scope) =>
    scope.register(fastifyStatic, {
      root,
      prefix: '/verify/',
      decorateReply: false,
      redirect: true,
      dotfiles: 'ignore',
      cacheControl: false,
      setHeaders: (reply) => {
        for (const [name, value] of Object.entries(pageHeaders)) reply.header(name, value)
        reply.header('cache-control', 'no-cache')
      },
    }),
  )
}
