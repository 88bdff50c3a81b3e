/** A node that shares one log: `node peer-process.ts FOLDER ENTRIES`. Counts what goes over its sockets. */
import { mkdirSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { federation } from '@vaultmesh/federation/fastify'
import { openFederation } from '@vaultmesh/federation/node'
import { parsePolicy } from '@vaultmesh/merkle/policy'
import { fastify } from 'fastify'
import { serve } from '../server/answering.ts'
import { logOptions, logVkey, makeLog } from '../tlog/log.ts'
import type { Traffic } from './in-sync.ts'

const [folder = '', entries] = process.argv.slice(2)
const options = logOptions(folder)
const { origin } = options
await makeLog(options, Number(entries), 256)
const text = `log ${logVkey}\nquorum none\n`
const parsed = parsePolicy(text)
if (!parsed.ok) throw new Error('the policy is none')

const workspaceRoot = join(folder, 'workspace')
mkdirSync(workspaceRoot)
const node = await openFederation({
  workspaceRoot,
  stateHome: join(folder, 'state-home'),
  ownLogs: [{ origin, directory: options.directory, policy: parsed.policy }],
  config: { name: 'example.com/peer', share: [origin], peers: [] },
  clock: () => new Date(),
})
const app = fastify()
await app.register(federation, { federation: node })

const sockets = new Set<Socket>()
let requests = 0
app.server.on('connection', (socket) => sockets.add(socket))
app.server.on('request', () => {
  requests += 1
})
const traffic = (): Traffic => ({
  requests,
  received: [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, 0),
  sent: [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0),
})
await serve(app, { origin, policy: text }, { traffic }, () => node.close())
