/**
 * Nodes that gossip what they know, in rounds, with the production code for all that they conclude.
 * No clock and no chance: every run of one case is the same.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type Evidence,
  encodeFrontier,
  evidenceOf,
  frontierOf,
  joinEvidence,
  type SignedHead,
  trustedPrefix,
} from '../src/index.ts'
import { guarded, headOf, open, origin, type Piece, relationOf, type World } from './kit/world.ts'

/** A head that its log shows in a round, to the nodes on one side or to all. */
interface Shown {
  readonly log: number
  readonly round: number
  readonly side: 'left' | 'right' | 'both'
  readonly head: SignedHead
}

const growth = 4

// The first log shows another branch on the right, where one witness helps; the others are honest.
const worlds: readonly World[] = [
  {
    commons: [12, 5],
    sightings: Array.from({ length: growth }, (_, round) => [
      { branch: 0, size: 6 + round, cosigners: [0, 1] },
      { branch: 1, size: 8 + round, cosigners: [2] },
    ]).flat(),
  },
  ...['honest.example/log', 'other.example/log'].map((name) => ({
    name,
    commons: [12],
    sightings: Array.from({ length: growth }, (_, round) => {
      return { branch: 0, size: 3 + 2 * round, cosigners: [0, 1, 2] }
    }),
  })),
]
const names = worlds.map(({ name = origin }) => name)

const shown: Shown[] = []
/** What two heads of a log show whoever has both trees at hand, by their texts. */
const relations = new Map<string, Piece>()

beforeAll(async () => {
  for (const [log, world] of worlds.entries()) {
    const perRound = world.sightings.length / growth
    const heads = await Promise.all(world.sightings.map((sighting) => headOf(world, sighting)))
    for (const [i, sighting] of world.sightings.entries()) {
      const head = heads[i]
      if (head === undefined) continue
      const side = log > 0 ? 'both' : sighting.branch === 0 ? 'left' : 'right'
      shown.push({ log, round: Math.floor(i / perRound), side, head })
      for (const [j, other] of world.sightings.entries()) {
        const piece = j < i ? await relationOf(world, sighting, other) : undefined
        if (piece !== undefined) relations.set(`${head.text}${heads[j]?.text}`, piece)
      }
    }
  }
})

/** Evidence that is equal is one object, so that what was worked out once is known. */
class Library {
  readonly #known = new Map<string, Evidence>()
  readonly #joined = new Map<Evidence, Map<Evidence, Evidence>>()

  intern(evidence: Evidence): Evidence {
    const { origin: name, heads, links, forks } = evidence
    const key = JSON.stringify([
      name,
      heads.map(({ checkpoint }) => checkpoint),
      links.map(({ earlier, later }) => `${earlier.size} ${later.size}`),
      forks.map(({ id }) => id),
    ])
    const known = this.#known.get(key) ?? evidence
    this.#known.set(key, known)
    return known
  }

  /** What a node knows after it heard of `b`, and has put all heads beside each other. */
  learn(a: Evidence, b: Evidence): Evidence {
    if (a === b) return a
    const row = this.#joined.get(a) ?? new Map<Evidence, Evidence>()
    this.#joined.set(a, row)
    const learnt = row.get(b) ?? this.intern(withRelations(joinEvidence(a, b)))
    row.set(b, learnt)
    return learnt
  }
}

function withRelations(evidence: Evidence): Evidence {
  const { heads } = evidence
  const pieces = heads.flatMap((one) =>
    heads.flatMap((other) => relations.get(`${one.text}${other.text}`) ?? []),
  )
  const found = evidenceOf(evidence.origin, {
    links: pieces.flatMap((piece) => ('link' in piece ? [piece.link] : [])),
    forks: pieces.flatMap((piece) => ('fork' in piece ? [piece.fork] : [])),
  })
  return joinEvidence(evidence, found)
}

/** A generator of numbers from 0 up to 1 that is the same everywhere (mulberry32). */
function chance(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

type Topology = 'ring' | 'star' | 'random'

/** Whom each node asks. */
function peersOf(topology: Topology, count: number, random: () => number): Set<number>[] {
  const peers = Array.from({ length: count }, () => new Set<number>())
  const join = (a: number, b: number): void => {
    if (a === b) return
    peers[a]?.add(b)
    peers[b]?.add(a)
  }
  for (let node = 1; node < count; node += 1) {
    if (topology === 'ring') join(node, node - 1)
    else if (topology === 'star') join(node, 0)
    else for (let i = 0; i < 3; i += 1) join(node, Math.floor(random() * node))
  }
  if (topology === 'ring') join(0, count - 1)
  return peers
}

interface Case {
  readonly count: number
  readonly topology: Topology
  readonly loss: number
}

/** Runs a network, and gives the nodes' evidence and how many rounds they took after it was healed. */
function run({ count, topology, loss }: Case): { nodes: Evidence[][]; rounds: number } {
  const random = chance(count * 1000 + topology.length * 100 + loss * 10)
  const library = new Library()
  const peers = peersOf(topology, count, random)
  const nodes = peers.map(() => names.map((name) => library.intern(evidenceOf(name, {}))))
  const isLeft = (node: number): boolean => node < count / 2
  const hear = (node: number, log: number, evidence: Evidence): void => {
    const known = nodes[node]
    const own = known?.[log]
    if (known !== undefined && own !== undefined) known[log] = library.learn(own, evidence)
  }
  const gossip = (isHealed: boolean): void => {
    const order = peers.map((_, node) => ({ node, at: random() })).toSorted((a, b) => a.at - b.at)
    for (const { node } of order) {
      for (const peer of peers[node] ?? []) {
        if (random() < loss || (!isHealed && isLeft(node) !== isLeft(peer))) continue
        for (const [log, evidence] of (nodes[peer] ?? []).entries()) hear(node, log, evidence)
      }
    }
  }
  for (let round = 0; round < growth; round += 1) {
    for (const { log, head, ...one } of shown) {
      if (one.round !== round) continue
      for (const node of peers.keys()) {
        const isThere = one.side === 'both' || (one.side === 'left') === isLeft(node)
        const name = names[log] ?? ''
        const isHeard = random() < 0.5 || round === growth - 1
        if (isThere && isHeard) hear(node, log, evidenceOf(name, { heads: [head] }))
      }
    }
    gossip(false)
  }
  let rounds = 0
  const isOne = (): boolean =>
    nodes.every((known) => known.every((e, log) => e === nodes[0]?.[log]))
  while (!isOne() && rounds < 100) {
    gossip(true)
    rounds += 1
  }
  return { nodes, rounds }
}

const cases: readonly Case[] = [3, 10, 30].flatMap((count) =>
  (['ring', 'star', 'random'] as const).flatMap((topology) =>
    [0, 0.1, 0.3].map((loss) => ({ count, topology, loss })),
  ),
)

describe('nodes that were told two stories, once they can talk', () => {
  test.each(cases)('$count in a $topology, $loss of all is lost', (one) => {
    const { nodes, rounds } = run(one)
    expect(rounds).toBeLessThanOrEqual(2 * Math.log2(one.count) + 5)
    const [first] = nodes
    if (first === undefined) throw new Error('no node')
    for (const policy of [open, guarded]) {
      const views = nodes.map((known) => {
        const logs = known.map((evidence) => ({
          evidence,
          prefix: trustedPrefix(evidence, policy),
        }))
        return encodeFrontier(frontierOf(logs))
      })
      for (const view of views) expect(view).toEqual(views[0])
    }
    const [forked, ...honest] = first
    if (forked === undefined) throw new Error('no log')
    const known = forked.heads.filter(({ signatures }) => signatures.length > 2)
    expect(known.at(-1)?.size).toBe(9n)
    expect(trustedPrefix(forked, guarded).size).toBe(9n)
    expect(trustedPrefix(forked, open).size).toBe(5n)
    for (const evidence of honest) {
      expect(evidence.forks).toEqual([])
      expect(trustedPrefix(evidence, open).size).toBe(evidence.heads.at(-1)?.size)
    }
  })
})
