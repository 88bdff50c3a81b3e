/** What it costs to learn that a peer has nothing new. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Federation, openFederation } from '@vaultmesh/federation/node'
import type { BenchCase, TimedVariant } from '../../harness/case.ts'
import { ServerProcess } from '../server/server-process.ts'

/** What has gone over a server's sockets since its start. Bytes of HTTP, without TCP's own. */
export interface Traffic {
  readonly requests: number
  readonly received: number
  readonly sent: number
}

interface PeerFacts {
  readonly origin: string
  readonly policy: string
}

/** A peer in a process of its own, and a node that mirrors it and is in sync. */
interface Pair {
  readonly entries: number
  readonly peer: ServerProcess<PeerFacts>
  readonly node: Federation
  /** What one sync more sends and gets. */
  readonly traffic: Traffic
}

function script(name: string): string {
  return join(import.meta.dirname, name)
}

/** What came of a sync, in a word that the bare server's answer shares. */
async function sync(node: Federation): Promise<string> {
  const [peer] = await node.sync()
  return `${peer?.status}, ${peer?.requests} request`
}

async function measureTraffic(peer: ServerProcess<PeerFacts>, node: Federation): Promise<Traffic> {
  const before = await peer.ask<Traffic>('traffic')
  const found = await sync(node)
  if (found !== inSync) throw new Error(`a sync without anything new is ${found}`)
  const after = await peer.ask<Traffic>('traffic')
  return {
    requests: after.requests - before.requests,
    received: after.received - before.received,
    sent: after.sent - before.sent,
  }
}

const inSync = 'in-sync, 1 request'

async function makePair(directory: string, entries: number): Promise<Pair> {
  const folder = join(directory, `${entries}`)
  const workspaceRoot = join(folder, 'mirroring')
  mkdirSync(workspaceRoot, { recursive: true })
  const args = [folder, `${entries}`]
  const peer = await ServerProcess.start<PeerFacts>('peer', script('peer-process.ts'), args)
  const { url, origin, policy } = peer.facts
  const node = await openFederation({
    workspaceRoot,
    stateHome: join(folder, 'state-of-mirroring'),
    ownLogs: [],
    config: {
      name: 'example.com/node',
      share: [],
      peers: [{ name: 'peer', url: `${url}/`, logs: [{ origin, policy }] }],
    },
    clock: () => new Date(),
  })
  // The first takes the log, the second notices that nothing has changed since.
  for (let i = 0; i < 2; i += 1) await sync(node)
  return { entries, peer, node, traffic: await measureTraffic(peer, node) }
}

/** Throws where it takes more for a longer log. */
function sameFor(pairs: readonly Pair[]): Traffic {
  const [first] = pairs
  for (const { traffic, entries } of pairs) {
    const [ours, others] = [JSON.stringify(traffic), JSON.stringify(first?.traffic)]
    if (ours !== others) throw new Error(`${ours} for ${entries} entries, and ${others} before`)
  }
  return first?.traffic ?? { requests: 0, received: 0, sent: 0 }
}

/** Something that is done again and again, one after the other; a sample is the mean of a round. */
function repeated(
  name: string,
  role: TimedVariant['role'],
  note: string | undefined,
  times: number,
  once: () => Promise<string>,
): TimedVariant {
  return {
    kind: 'timed',
    name,
    role,
    ...(note === undefined ? {} : { note }),
    async run() {
      const found = new Set<string>()
      const begin = performance.now()
      for (let i = 0; i < times; i += 1) found.add(await once())
      const samples = [(performance.now() - begin) / times]
      return { samples, result: [...found].join(' or ') }
    },
  }
}

/** Asking a peer that has nothing new. */
export const syncInSync: BenchCase = {
  title: 'Sync with a peer that has nothing new',
  async prepare({ directory, scale }) {
    const pairs: Pair[] = []
    for (const entries of scale === 'smoke' ? [1, 300] : [1, 1000, 100_000]) {
      pairs.push(await makePair(directory, entries))
    }
    const bare = await ServerProcess.start<{ tag: string }>(
      'bare Fastify',
      script('bare-process.ts'),
      [],
    )
    const { requests, received, sent } = sameFor(pairs)
    const ask = async (): Promise<string> => {
      const { url, tag } = bare.facts
      const headers = { 'if-none-match': tag }
      const { status } = await fetch(`${url}/federation/v1/heads`, { headers })
      return status === 304 ? inSync : `${status}`
    }
    const [few, many] = scale === 'smoke' ? [1, 1] : [20, 200]
    const sizes = pairs.map(({ entries }) => entries.toLocaleString('en'))
    const ours = pairs.map(({ entries, node }, at) =>
      repeated(
        `${sizes[at]} ${entries === 1 ? 'entry' : 'entries'}`,
        'ours',
        at > 0 ? undefined : '`sync()` of an open node, which remembers on the disk that it asked',
        few,
        () => sync(node),
      ),
    )
    const note =
      'the same request by `fetch`, to a server with this one path; nothing is remembered'
    return {
      input: `A node that mirrors one log of a peer asks over HTTP whether there is more, and there is not; ${few} times in a row, and the bare server ${many} times. Logs of ${sizes.join(', ')} entries.`,
      variants: [...ours, repeated('304 of bare Fastify', 'floor', note, many, ask)],
      figures: async () => [
        {
          name: 'over the wire',
          value: `${requests} request, 304, ${received} bytes there and ${sent} back, for any of the sizes`,
        },
      ],
      notes: ['Where the bytes or the requests differ between the sizes, nothing is timed.'],
      async dispose() {
        for (const { node, peer } of pairs) {
          await node.close()
          await peer.end()
        }
        await bare.end()
      },
    }
  },
}
