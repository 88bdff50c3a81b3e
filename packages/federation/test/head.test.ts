import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { signNote } from '@vaultmesh/merkle/note'
import { expect, test } from 'vitest'
import { joinHeads, maxHeadBytes, maxHeadTextBytes, openHead, standingOf } from '../src/index.ts'
import { logSigner, policyOf, witnessSigner } from './kit/keys.ts'
import { entriesOf, rootOf, signedHead, signHead } from './kit/trees.ts'

const origin = 'example.com/log'
const log = logSigner(origin)
const [w0, w1, w2] = ['w0.example', 'w1.example', 'w2.example'].map((name) => witnessSigner(name))
if (!w0 || !w1 || !w2) throw new Error('three witnesses')
const policy = policyOf([log], [w0, w1, w2], 2)
const tree = { size: 3n, root: rootOf(entriesOf(3)) }

async function refusal(checkpoint: string | Uint8Array, by = policy): Promise<string> {
  const opened = await openHead(checkpoint, origin, by)
  return opened.ok ? 'taken' : `${opened.code}: ${opened.detail}`
}

test('a head keeps the signatures that were verified, and no others', async () => {
  const stranger = witnessSigner('stranger.example')
  const { checkpoint } = await signHead(origin, tree, [stranger, w1, log, w0])
  const opened = await openHead(encodeUtf8(checkpoint), origin, policy)
  if (!opened.ok) throw new Error(opened.detail)
  const { head } = opened
  expect({ size: head.size, root: head.root, origin: head.origin }).toEqual({ ...tree, origin })
  expect(head.signatures.map(({ by, vkey }) => [by, vkey])).toEqual([
    ['log', log.vkey],
    ...[w0.vkey, w1.vkey].sort().map((vkey) => ['witness', vkey]),
  ])
  expect(head.checkpoint).not.toContain('stranger')
  expect(await openHead(head.checkpoint, origin, policy)).toEqual(opened)
})

test('what a head is refused for', async () => {
  const good = (await signHead(origin, tree, [log, w0])).checkpoint
  expect(await refusal(good)).toBe('taken')
  expect(await refusal('no note')).toMatch(/^MALFORMED/)
  expect(await refusal(good.replace('\n3\n', '\n4\n'))).toMatch(/^BAD_SIGNATURE/)
  expect(await refusal((await signHead(origin, tree, [w0, w1])).checkpoint)).toBe(
    `NO_TRUSTED_SIGNATURE: no trusted key of the log ${origin} signed it`,
  )
  const other = logSigner('other.example/log')
  const both = policyOf([log, other])
  const ofOther = (await signHead('other.example/log', tree, [other])).checkpoint
  expect(await refusal(ofOther, both)).toMatch(/^ORIGIN_MISMATCH/)
  // A log's key signs for its own origin only.
  const byOther = (await signHead(origin, tree, [other])).checkpoint
  expect(await refusal(byOther, both)).toMatch(/^NO_TRUSTED_SIGNATURE/)
  const byStranger = (await signHead(origin, tree, [logSigner(origin, 'thief')])).checkpoint
  expect(await refusal(byStranger)).toMatch(/^NO_TRUSTED_SIGNATURE/)
})

test('a note that says something else than a checkpoint is no head', async () => {
  expect(await refusal(await signNote('hello\n', [log]))).toMatch(/^MALFORMED/)
})

test('a head has a length that fits a fork proof twice', async () => {
  const long = async (bytes: number) => {
    const { checkpoint } = await signHead(origin, tree, [log], ['x'.repeat(bytes)])
    return refusal(checkpoint)
  }
  const text = (await signHead(origin, tree, [log])).checkpoint.indexOf('\n\n') + 1
  expect(await long(maxHeadTextBytes - text - 1)).toBe('taken')
  expect(await long(maxHeadTextBytes - text)).toMatch(/^TOO_LARGE/)
  const names = Array.from({ length: 70 }, (_, i) => `${i}${'n'.repeat(1000)}`)
  const crowd = names.map((name) => witnessSigner(name))
  const { checkpoint } = await signHead(origin, tree, [log, ...crowd])
  expect(checkpoint.length).toBeGreaterThan(maxHeadBytes)
  expect(await refusal(checkpoint, policyOf([log], crowd, 1))).toMatch(/^TOO_LARGE/)
  // Signatures of strangers don't count.
  expect(await refusal(checkpoint)).toBe('taken')
})

test('a policy judges a head by keys, not by names', async () => {
  const head = await signedHead(origin, tree, [log, w0, w2], policy)
  expect(standingOf(head, policy)).toEqual({
    isSigned: true,
    witnessed: true,
    cosigners: ['w0', 'w2'],
  })
  expect(standingOf(head, policyOf([log], [w0, w1], 2))).toEqual({
    isSigned: true,
    witnessed: false,
    cosigners: ['w0'],
  })
  const renewed = policyOf([logSigner(origin, 'renewed')])
  expect(standingOf(head, renewed)).toEqual({
    isSigned: false,
    witnessed: 'none-required',
    cosigners: [],
  })
})

test('of several cosignatures by one witness the earliest stays, in whatever order they come', async () => {
  const late = witnessSigner('w0.example', 1_800_000_000n)
  const a = await signedHead(origin, tree, [log, late, w1], policy)
  const b = await signedHead(origin, tree, [log, w0, w2], policy)
  const joined = joinHeads(a, b)
  expect(joined).toEqual(joinHeads(b, a))
  expect(joined).toEqual(await signedHead(origin, tree, [log, w2, w1, w0], policy))
  expect(standingOf(joined, policy).cosigners).toEqual(['w0', 'w1', 'w2'])
})

test('both of two cosignatures by one witness in one note are looked at', async () => {
  const late = witnessSigner('w0.example', 1_800_000_000n)
  const { checkpoint } = await signHead(origin, tree, [log, late])
  const early = (await signHead(origin, tree, [w0])).checkpoint.split('\n').at(-2)
  const opened = await openHead(`${checkpoint}${early}\n`, origin, policy)
  expect(opened).toEqual({ ok: true, head: await signedHead(origin, tree, [log, w0], policy) })
})
