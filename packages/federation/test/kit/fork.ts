/** Logs that told two stories, for tests of what proves it. */
import { buildForkProof, encodeForkProof, type ForkProof, type HeadNote } from '../../src/index.ts'
import type { TestSigner } from './keys.ts'
import { entriesOf, signHead, type TestTree, treeOf } from './trees.ts'

/** Two trees that have their first `common` entries in common, at most. */
export async function partedTrees(
  sizes: readonly [number, number],
  common: number,
): Promise<readonly [TestTree, TestTree]> {
  const shared = entriesOf(common)
  const [first, second] = await Promise.all(
    sizes.map((size, i) => treeOf([...shared, ...entriesOf(size - common, `branch ${i}`, common)])),
  )
  if (first === undefined || second === undefined) throw new Error('two trees')
  return [first, second]
}

/** Two heads of one log that part after `common` entries, and the proof with all there is. */
export interface TestFork {
  readonly trees: readonly [TestTree, TestTree]
  readonly heads: readonly [HeadNote, HeadNote]
  readonly proof: ForkProof
  readonly bytes: Uint8Array
}

export async function makeFork(
  log: TestSigner,
  sizes: readonly [number, number],
  common: number,
  cosigners: readonly [readonly TestSigner[], readonly TestSigner[]] = [[], []],
): Promise<TestFork> {
  const [a, b] = await partedTrees(sizes, common)
  const first = await signHead(log.name, a, [log, ...cosigners[0]])
  const second = await signHead(log.name, b, [log, ...cosigners[1]])
  const built = await buildForkProof(first, second, a.tiles, b.tiles)
  if (!built.ok) throw new Error(built.detail)
  const { proof } = built
  return { trees: [a, b], heads: [first, second], proof, bytes: encodeForkProof(proof) }
}
