/**
 * Logs that branched at random, and all that can be known of them; with a simple model of what is
 * to be trusted.
 */
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import type { TlogPolicy } from '@vaultmesh/merkle/policy'
import fc from 'fast-check'
import {
  buildForkProof,
  encodeForkProof,
  type Link,
  type ProvenFork,
  proveLink,
  type SignedHead,
  verifyForkProof,
} from '../../src/index.ts'
import { logSigner, policyOf, witnessSigner } from './keys.ts'
import { entriesOf, signedHead, type TestTree, treeOf } from './trees.ts'

export const origin = 'example.com/log'
const logs = [origin, 'honest.example/log', 'other.example/log'].map((name) => logSigner(name))
const witnesses = ['w0.example', 'w1.example', 'w2.example'].map((name) => witnessSigner(name))

/** Accepts what the log signed. */
export const open: TlogPolicy = policyOf(logs, witnesses)
/** Asks for two of three witnesses. */
export const guarded: TlogPolicy = policyOf(logs, witnesses, 2)

/** A head of one branch at one size, and who of the witnesses cosigned it. */
export interface Sighting {
  readonly branch: number
  readonly size: number
  readonly cosigners: readonly number[]
}

/** A log that branched: how many leaves each branch has in common with the main one. */
export interface World {
  /** Which log it is; by default {@link origin}. */
  readonly name?: string
  readonly commons: readonly number[]
  readonly sightings: readonly Sighting[]
}

const longest = 12

/** Worlds of up to four branches, the first of which is the honest one. */
export function worlds(cosigners: fc.Arbitrary<readonly number[]>): fc.Arbitrary<World> {
  return fc.record({
    commons: fc.array(fc.nat(longest - 1), { maxLength: 3 }).map((rest) => [longest, ...rest]),
    sightings: fc.array(
      fc.record({ branch: fc.nat(3), size: fc.integer({ min: 1, max: longest }), cosigners }),
      { minLength: 1, maxLength: 6 },
    ),
  })
}

/** The branch of a sighting: there may be fewer of them. */
function branchOf({ commons }: World, { branch }: Sighting): number {
  return branch % commons.length
}

/** How many leaves two branches have in common. */
function commonOf({ commons }: World, a: number, b: number): number {
  return a === b ? longest : Math.min(commons[a] ?? 0, commons[b] ?? 0)
}

/** Whether two sightings contradict each other, and how many leaves they have in common. */
export function relation(
  world: World,
  a: Sighting,
  b: Sighting,
): { common: number; fork: boolean } {
  const shared = commonOf(world, branchOf(world, a), branchOf(world, b))
  const common = Math.min(shared, a.size, b.size)
  return { common, fork: common < Math.min(a.size, b.size) }
}

const trees = new Map<string, Promise<TestTree>>()

/** The tree of a branch of a world, at a size. */
export function treeAt(world: World, sighting: Sighting): Promise<TestTree> {
  const branch = branchOf(world, sighting)
  const common = world.commons[branch] ?? 0
  const name = branch === 0 || sighting.size <= common ? 'main' : `branch ${branch} at ${common}`
  const key = `${name} ${sighting.size}`
  const kept = trees.get(key)
  if (kept !== undefined) return kept
  const shared = Math.min(sighting.size, branch === 0 ? longest : common)
  const own = entriesOf(sighting.size - shared, name, shared)
  const made = treeOf([...entriesOf(shared), ...own])
  trees.set(key, made)
  return made
}

const heads = new Map<string, Promise<SignedHead>>()

/** The head that was seen. */
export async function headOf(world: World, sighting: Sighting): Promise<SignedHead> {
  const tree = await treeAt(world, sighting)
  const cosigners = [...new Set(sighting.cosigners)].sort()
  const { name = origin } = world
  const key = `${name} ${Buffer.from(tree.root).toString('hex')} ${cosigners}`
  const signers = [...cosigners.flatMap((i) => witnesses[i] ?? []), ...logs]
  const own = signers.filter((signer) => witnesses.includes(signer) || signer.name === name)
  const made = heads.get(key) ?? signedHead(name, tree, own, open)
  heads.set(key, made)
  return made
}

/** One thing that can be known of a log. */
export type Piece = { head: SignedHead } | { link: Link } | { fork: ProvenFork }

const relations = new Map<string, Promise<Piece | undefined>>()

async function relate(world: World, a: Sighting, b: Sighting): Promise<Piece | undefined> {
  const [x, y] = await Promise.all([treeAt(world, a), treeAt(world, b)])
  if (!relation(world, a, b).fork) {
    const [small, large] = x.size < y.size ? [x, y] : [y, x]
    if (small.size === large.size) return undefined
    const proof = await large.tiles.consistency(small.size)
    if (!proof.ok) throw new Error(proof.detail)
    const proven = proveLink(small, large, proof.hashes)
    if (!proven.ok) throw new Error(proven.detail)
    return { link: proven.link }
  }
  const [one, other] = await Promise.all([headOf(world, a), headOf(world, b)])
  const built = await buildForkProof(one, other, x.tiles, y.tiles)
  if (!built.ok) throw new Error(built.detail)
  const { fork } = await verifyForkProof(encodeForkProof(built.proof), () => open, {
    verify: nodeVerifyEd25519,
  })
  if (fork === undefined) throw new Error('the fork is not proven')
  return { fork }
}

/** What is there to be known of how two sightings stand to each other. */
export async function relationOf(
  world: World,
  a: Sighting,
  b: Sighting,
): Promise<Piece | undefined> {
  const [x, y] = await Promise.all([headOf(world, a), headOf(world, b)])
  const key = `${x.checkpoint} ${y.checkpoint}`
  const made = relations.get(key) ?? relate(world, a, b)
  relations.set(key, made)
  return made
}

/** All that can be known of a world: each head, and how any two of them stand to each other. */
export async function everything(world: World): Promise<Piece[]> {
  const { sightings } = world
  const pieces: Piece[] = []
  for (const [i, a] of sightings.entries()) {
    pieces.push({ head: await headOf(world, a) })
    for (const b of sightings.slice(i + 1)) {
      const piece = await relationOf(world, a, b)
      if (piece !== undefined) pieces.push(piece)
    }
  }
  return pieces
}
