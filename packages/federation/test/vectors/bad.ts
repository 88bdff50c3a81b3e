/** Fork proofs that do not verify: one thing is wrong with each. */
import { decodeUtf8, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { signNote } from '@vaultmesh/merkle/note'
import {
  type Branch,
  encodeForkProof,
  type ForkCheckId,
  type ForkCheckStatus,
  type ForkProof,
} from '../../src/index.ts'
import { makeFork } from '../kit/fork.ts'
import { logSigner } from '../kit/keys.ts'
import { entriesOf, rootOf, signHead, type TestTree, treeOf } from '../kit/trees.ts'
import {
  type Change,
  changed,
  flip,
  fork,
  inBranch,
  inContradiction,
  inDivergence,
  inHead,
  log,
  origin,
  otherLog,
  type VectorCase,
  without,
  withText,
} from './case.ts'

function bad(
  id: ForkCheckId,
  name: string,
  why: string,
  make: () => Promise<Uint8Array>,
  status: ForkCheckStatus = 'fail',
): VectorCase {
  return { name, policy: 'open', why, failing: [id, status], make }
}

function form(name: string, why: string, change: (json: string) => string): VectorCase {
  return bad('fork.format', name, why, () => withText(change))
}

function shape(name: string, why: string, change: Change): VectorCase {
  return bad('fork.format', name, why, () => changed(change))
}

function signature(name: string, why: string, change: Change): VectorCase {
  return bad('fork.signatures', name, why, () => changed(change))
}

function contradiction(name: string, why: string, change: Change): VectorCase {
  return bad('fork.contradiction', name, why, () => changed(change))
}

function divergence(name: string, why: string, change: Change): VectorCase {
  return bad('fork.divergence', name, why, () => changed(change))
}

const forms: readonly VectorCase[] = [
  form('space', 'white space is not canonical', (json) => json.replace('":[', '": [')),
  form('trailing-newline', 'something follows the value', (json) => `${json}\n`),
  form('byte-order-mark', 'a byte order mark stands before the value', (json) => `\ufeff${json}`),
  form('unknown-member', 'a member that v0 does not know', (json) =>
    json.replace('"origin":', '"note":"x","origin":'),
  ),
  form('duplicate-member', 'a member stands twice: readers differ on which one counts', (json) =>
    json.replace('"origin":', '"origin":"x","origin":'),
  ),
  form('media-type', 'another version of the format', (json) => json.replace('.v0+', '.v1+')),
  form('null-member', 'a member that is not there is left out, and not null', (json) =>
    json.replace(/"divergence":.*,"heads"/, '"divergence":null,"heads"'),
  ),
  form('escape', 'a character is escaped without need', (json) =>
    json.replace('"mediaType"', '"\\u006dediaType"'),
  ),
  form('lone-surrogate', 'an origin that is not Unicode', (json) =>
    json.replaceAll('example.com', '\\ud800'),
  ),
  form('hash-number', 'a hash is a string', (json) =>
    json.replace(/"leafHash":"[^"]*"/, '"leafHash":5'),
  ),
  form('hash-stray-bits', 'the last character of base64 has bits that mean nothing', (json) =>
    json.replace(/"leafHash":"([^"]{42})./, '"leafHash":"$1B'),
  ),
  form('size-leading-zero', 'a size has one spelling', (json) =>
    json.replace('"size":"3"', '"size":"03"'),
  ),
  form('size-number', 'a size is a string', (json) => json.replace('"size":"3"', '"size":3')),
  form('one-head', 'a fork has two heads', (json) =>
    json.replace(/"heads":\["[^"]*",/, '"heads":['),
  ),
  form('heads-numbers', 'a head is text', (json) =>
    json.replace(/"heads":\[.*\],/, '"heads":[1,2],'),
  ),
  form('heads-object', 'the heads are a list', (json) =>
    json.replace(/"heads":\[.*\],/, '"heads":{"0":"","1":""},'),
  ),
  form('contradiction-malformed', 'the hashes are a list', (json) =>
    json.replace(/"contradiction":\{"hashes":\[[^\]]*\]/, '"contradiction":{"hashes":1'),
  ),
  bad('fork.format', 'null-list', 'a list without items is a list', async () => {
    const { bytes } = await makeFork(log, [1, 7], 0)
    const text = decodeUtf8(bytes) ?? ''
    return encodeUtf8(text.replace('"consistency":[]', '"consistency":null'))
  }),
  form('no-json', 'this is no JSON', () => '{'),
  form('null', 'this is no object', () => 'null'),
  form('array', 'this is no object', () => '[]'),
  form('empty', 'there is nothing', () => ''),
  form('nested', 'brackets without end', () => '['.repeat(10_000)),
]

const shapes: readonly VectorCase[] = [
  shape('other-origin', 'the heads are of another log than the proof says', (proof) => {
    return { ...proof, origin: 'other.example/log' }
  }),
  shape('head-order', 'the heads have one order, so that one fork has one proof', (proof) => {
    return { ...proof, heads: [proof.heads[1], proof.heads[0]] }
  }),
  shape('one-head-twice', 'one head does not contradict itself', (proof) => {
    return { ...proof, heads: [proof.heads[0], proof.heads[0]] }
  }),
  shape(
    'head-cut-off',
    'a checkpoint ends with a newline',
    inHead(0, (text) => text.slice(0, -1)),
  ),
  shape(
    'head-signature-line',
    'what is below the text are signature lines, also those of keys that nobody knows',
    inHead(1, (text) => `${text}\u2014 somebody else\n`),
  ),
  shape(
    'head-unsigned',
    'a checkpoint without signature is no note',
    inHead(0, (text) => text.slice(0, text.indexOf('\u2014'))),
  ),
  bad('fork.format', 'empty-line', 'a checkpoint has no empty line', async () => {
    const { proof } = await fork()
    const [first, second] = proof.heads
    const checkpoint = await signNote(`${second.text}\nmore\n`, [log])
    return encodeForkProof({ ...proof, heads: [first, { ...second, checkpoint }] })
  }),
  shape('contradiction-missing', 'the sizes differ', without('contradiction')),
  bad('fork.format', 'contradiction-needless', 'two roots for one size say it all', async () => {
    const { proof } = await makeFork(log, [6, 6], 4)
    const [{ root }] = proof.heads
    return encodeForkProof({ ...proof, contradiction: { root, hashes: [] } })
  }),
  shape(
    'contradiction-root-short',
    'a root has 32 bytes',
    inContradiction(({ root }) => ({ root: root.slice(1) })),
  ),
  shape(
    'contradiction-hash-short',
    'a hash has 32 bytes',
    inContradiction(({ hashes }) => ({ hashes: hashes.map((hash) => hash.slice(1)) })),
  ),
  shape(
    'contradiction-endless',
    'no proof has more than 65 hashes',
    inContradiction(({ root }) => ({ hashes: Array.from({ length: 66 }, () => root) })),
  ),
  shape(
    'leaf-short',
    'a leaf hash has 32 bytes',
    inBranch(1, ({ leafHash }) => ({ leafHash: leafHash.slice(1) })),
  ),
  shape(
    'divergence-beyond',
    'the trees part below the earlier head',
    inDivergence(() => ({ size: 5n })),
  ),
  form('one-branch', 'there are two branches', (json) =>
    json.replace(/"branches":\[\{[^}]*\},/, '"branches":['),
  ),
  bad(
    'fork.format',
    'head-too-long',
    'a head has at most 16 KiB besides its signatures',
    async () => {
      const { proof, trees } = await makeFork(log, [6, 6], 4)
      const long = await signHead(origin, trees[0], [log], ['x'.repeat(16 * 1024)])
      const [first, second] = proof.heads
      const is = (root: Uint8Array): boolean => Buffer.from(root).equals(long.root)
      const heads = [first, second].map((head) => (is(head.root) ? { ...head, ...long } : head))
      return encodeUtf8(
        JSON.stringify({
          heads: heads.map(({ checkpoint }) => checkpoint),
          mediaType: 'application/vnd.vaultmesh.fork.v0+json',
          origin,
        }),
      )
    },
  ),
]

function withChangedSignature(text: string): string {
  return text.replace(/(\u2014 \S+ .{40})(.)/, (_, a, b) => `${a}${b === 'A' ? 'B' : 'A'}`)
}

const signatures: readonly VectorCase[] = [
  {
    ...bad(
      'fork.origin',
      'unknown-log',
      'no key of this log is trusted',
      async () => {
        return (await fork()).bytes
      },
      'untrusted',
    ),
    policy: 'other-log',
  },
  {
    ...bad('fork.signatures', 'other-key', 'another key of this log is trusted', async () => {
      return (await fork()).bytes
    }),
    policy: 'other-key',
  },
  bad(
    'fork.signatures',
    'second-by-thief',
    'a key that is not the log signed one head',
    async () => {
      const { trees, proof } = await fork()
      const forged = await signHead(origin, trees[1], [logSigner(origin, 'a thief')])
      const [first, second] = proof.heads
      const heads = [first, { ...second, checkpoint: forged.checkpoint }] as const
      return encodeForkProof({ ...proof, heads })
    },
  ),
  {
    ...bad('fork.signatures', 'by-other-log', 'no log speaks for another', async () => {
      const { trees, proof } = await fork()
      const [{ checkpoint: a }, { checkpoint: b }] = await Promise.all([
        signHead(origin, trees[0], [otherLog]),
        signHead(origin, trees[1], [otherLog]),
      ])
      const [first, second] = proof.heads
      const heads = [
        { ...first, checkpoint: a },
        { ...second, checkpoint: b },
      ] as const
      return encodeForkProof({ ...proof, heads })
    }),
    policy: 'both-logs',
  },
  signature(
    'size-changed',
    'nobody signed this size',
    inHead(1, (text) => text.replace('\n9\n', '\n8\n')),
  ),
  signature('signature-changed', 'nobody made this signature', inHead(0, withChangedSignature)),
  signature(
    'signature-added',
    'every signature in the name of a trusted key is looked at, also a second one',
    inHead(0, (text) => `${text}${withChangedSignature(text.slice(text.indexOf('\u2014')))}`),
  ),
]

/** The heads of one tree that only grew, put into a proof. */
async function withHonestHeads(proof: ForkProof): Promise<ForkProof> {
  const trees = await Promise.all([5, 9].map((size) => treeOf(entriesOf(size))))
  const [first, second] = await Promise.all(
    trees.map(async (tree) => ({ ...(await signHead(origin, tree, [log])), text: '' })),
  )
  if (first === undefined || second === undefined) throw new Error('two heads')
  return { ...proof, heads: [first, second] }
}

const contradictions: readonly VectorCase[] = [
  contradiction(
    'contradiction-root-changed',
    'this is not the root that leads to the later head',
    inContradiction(({ root }) => ({ root: flip(root) })),
  ),
  contradiction(
    'contradiction-hash-changed',
    'these hashes do not lead to the later head',
    inContradiction(({ hashes }) => ({ hashes: hashes.map(flip) })),
  ),
  contradiction(
    'contradiction-hash-missing',
    'a proof has as many hashes as its place asks for',
    inContradiction(({ hashes }) => ({ hashes: hashes.slice(1) })),
  ),
  contradiction(
    'contradiction-hash-more',
    'a proof has as many hashes as its place asks for',
    inContradiction(({ hashes }) => ({ hashes: [...hashes, ...hashes] })),
  ),
  contradiction('same-root', 'the root of the earlier head contradicts nothing', (proof) =>
    inContradiction(() => ({ root: proof.heads[0].root }))(proof),
  ),
  bad(
    'fork.contradiction',
    'huge',
    'a head of 2^63 - 1 leaves, to which no proof leads',
    async () => {
      const { proof } = await fork()
      const [first, second] = proof.heads
      const huge = { size: 2n ** 63n - 1n, root: second.root }
      const { checkpoint } = await signHead(origin, huge, [log])
      return encodeForkProof({ ...proof, heads: [first, { ...second, checkpoint }] })
    },
  ),
  bad(
    'fork.contradiction',
    'honest-growth',
    'the log only grew: the earlier tree is in the later one',
    async () => {
      const large = await treeOf(entriesOf(9))
      const grown = await large.tiles.consistency(5n)
      if (!grown.ok) throw new Error(grown.detail)
      const { divergence: _, ...proof } = await withHonestHeads((await fork()).proof)
      const contradicted = { root: rootOf(entriesOf(5)), hashes: grown.hashes }
      return encodeForkProof({ ...proof, contradiction: contradicted })
    },
  ),
  bad(
    'fork.contradiction',
    'honest-heads',
    'the hashes of another fork accuse a log that only grew',
    async () => encodeForkProof(await withHonestHeads((await fork()).proof)),
  ),
  bad(
    'fork.contradiction',
    'one-tree-two-texts',
    'two texts with one root are no fork',
    async () => {
      const tree = await treeOf(entriesOf(3))
      const heads = [
        { ...(await signHead(origin, tree, [log])), text: '' },
        { ...(await signHead(origin, tree, [log], ['more'])), text: '' },
      ] as const
      return encodeForkProof({ origin, heads })
    },
  ),
  bad(
    'fork.contradiction',
    'from-nothing',
    'every tree begins with the one without leaves',
    async () => {
      const heads = [
        { ...(await signHead(origin, { size: 0n, root: rootOf([]) }, [log])), text: '' },
        { ...(await signHead(origin, await treeOf(entriesOf(3)), [log])), text: '' },
      ] as const
      return encodeForkProof({ origin, heads })
    },
  ),
]

async function branchAt({ tiles }: TestTree, index: bigint): Promise<Branch> {
  const consistency = await tiles.consistency(index)
  const inclusion = await tiles.inclusion(index)
  const leaf = await tiles.leafHash(index)
  if (!consistency.ok || !inclusion.ok || !leaf.ok) throw new Error('no proof')
  return { consistency: consistency.hashes, inclusion: inclusion.hashes, leafHash: leaf.hash }
}

const divergences: readonly VectorCase[] = [
  divergence(
    'place-changed',
    'the trees do not part here',
    inDivergence(({ size }) => ({ size: size - 1n })),
  ),
  divergence(
    'place-of-nothing',
    'a tree without leaves has one root, and needs no proof',
    inDivergence(() => ({ size: 0n })),
  ),
  divergence(
    'place-of-nothing-well-formed',
    'this leaf is not the first of the tree',
    inDivergence(({ branches: [a, b] }) => ({
      size: 0n,
      root: rootOf([]),
      branches: [
        { ...a, consistency: [] },
        { ...b, consistency: [] },
      ],
    })),
  ),
  divergence(
    'common-root-changed',
    'this root does not lead to the heads',
    inDivergence(({ root }) => ({ root: flip(root) })),
  ),
  divergence(
    'branches-swapped',
    'the branches stand in the order of the heads',
    inDivergence(({ branches: [a, b] }) => ({ branches: [b, a] })),
  ),
  bad('fork.divergence', 'common-leaf', 'both heads have this leaf: they part later', async () => {
    const { trees, proof } = await fork()
    const branches = [await branchAt(trees[0], 1n), await branchAt(trees[1], 1n)] as const
    const early = { size: 1n, root: rootOf(entriesOf(1)), branches }
    return encodeForkProof({ ...proof, divergence: early })
  }),
  ...([0, 1] as const).flatMap((at) => [
    divergence(
      `consistency-changed-${at}`,
      'the common root does not lead to this head',
      inBranch(at, ({ consistency }) => ({ consistency: consistency.map(flip) })),
    ),
    divergence(
      `inclusion-changed-${at}`,
      'the leaf is not in this head',
      inBranch(at, ({ inclusion }) => ({ inclusion: inclusion.map(flip) })),
    ),
    divergence(
      `leaf-changed-${at}`,
      'this head has another leaf there',
      inBranch(at, ({ leafHash }) => ({ leafHash: flip(leafHash) })),
    ),
  ]),
]

export const badCases: readonly VectorCase[] = [
  ...forms,
  ...shapes,
  ...signatures,
  ...contradictions,
  ...divergences,
]
