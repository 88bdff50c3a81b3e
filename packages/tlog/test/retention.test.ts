import { describe, expect, it } from 'vitest'
import { exportLog } from '../src/archive/export.ts'
import { openHead, type Tree } from '../src/head.ts'
import { collectPartials, pruneEntries } from '../src/retention.ts'
import { flipBit, identity, type MapTiles, publishedLog } from './support/published.ts'

async function headOf(checkpoint = ''): Promise<Tree> {
  const head = await openHead(Buffer.from(checkpoint), identity)
  if (typeof head === 'string') throw new Error(head)
  return head
}

/** Throws unless every file that the published tree needs is there and right. */
async function requireWhole(tiles: MapTiles, minimumIndex = 0n): Promise<void> {
  for await (const _piece of exportLog({ ...identity, tiles, minimumIndex }));
}

const retention = { policy: 'entries stay for a year after they expire', keep: 100n }

describe('collecting partial files', () => {
  it('leaves those of the head, and those without a full one', async () => {
    const { tiles, checkpoints } = await publishedLog(1, 200, 255, 256, 300, 310)
    const count = tiles.files.size
    const deleted = await collectPartials(await headOf(checkpoints[5]), { tiles })
    expect(deleted).toBe(6)
    expect([...tiles.files.keys()].sort()).toEqual([
      'checkpoint',
      'tile/0/000',
      'tile/0/001.p/44',
      'tile/0/001.p/54',
      'tile/1/000.p/1',
      'tile/entries/000',
      'tile/entries/001.p/44',
      'tile/entries/001.p/54',
    ])
    expect(tiles.files.size).toBe(count - deleted)
    await requireWhole(tiles)
    expect(await collectPartials(await headOf(checkpoints[5]), { tiles })).toBe(0)
  })

  it('leaves those of a size that readers may still have', async () => {
    const { tiles, checkpoints } = await publishedLog(200, 255, 300)
    await collectPartials(await headOf(checkpoints[2]), { tiles, keepSizes: [255n] })
    expect(tiles.files.has('tile/entries/000.p/255')).toBe(true)
    expect(tiles.files.has('tile/entries/000.p/200')).toBe(false)
  })

  it('leaves what the next checkpoint has made full, which nobody sees yet', async () => {
    const { tiles, checkpoints } = await publishedLog(200, 300)
    await tiles.publish(checkpoints[0] ?? '')
    expect(await collectPartials(await headOf(checkpoints[0]), { tiles })).toBe(0)
    await requireWhole(tiles)
  })

  it('deletes nothing that a missing or wrong file stands for', async () => {
    const { tiles, checkpoints } = await publishedLog(200, 300)
    const head = await headOf(checkpoints[1])
    const full = tiles.files.get('tile/entries/000') ?? new Uint8Array()
    tiles.files.delete('tile/entries/000')
    await collectPartials(head, { tiles })
    expect(tiles.files.has('tile/entries/000.p/200')).toBe(true)
    tiles.files.set('tile/entries/000', full)
    flipBit(tiles, 'tile/entries/000')
    const refused = collectPartials(head, { tiles })
    await expect(refused).rejects.toMatchObject({ code: 'LOG_TREE_DAMAGED' })
    expect(tiles.files.has('tile/entries/000.p/200')).toBe(true)
  })

  it('ends with the signal', async () => {
    const { tiles, checkpoints } = await publishedLog(200, 300)
    const signal = AbortSignal.abort(new Error('enough'))
    const ended = collectPartials(await headOf(checkpoints[1]), { tiles, signal })
    await expect(ended).rejects.toThrow('enough')
  })
})

describe('pruning', () => {
  it('takes what ends before the minimum index, and leaves the rest provable', async () => {
    const { tiles, checkpoints } = await publishedLog(200, 1000)
    const head = await headOf(checkpoints[1])
    const count = await pruneEntries(head, { tiles, minimumIndex: 600n, retention })
    expect(count).toBe(6)
    for (const path of ['tile/0/000', 'tile/0/001', 'tile/entries/000', 'tile/entries/001']) {
      expect(tiles.files.has(path)).toBe(false)
    }
    expect(tiles.files.has('tile/entries/002')).toBe(true)
    await requireWhole(tiles, 600n)
    await expect(requireWhole(tiles)).rejects.toMatchObject({ code: 'LOG_TREE_DAMAGED' })
  })

  it('is refused without a retention policy, and beyond it', async () => {
    const { tiles, checkpoints } = await publishedLog(1000)
    const head = await headOf(checkpoints[0])
    const before = tiles.content()
    for (const [minimumIndex, policy] of [
      [600n, undefined],
      [600n, { policy: ' ', keep: 0n }],
      [901n, retention],
      [600n, { ...retention, keep: -1n }],
      [-1n, retention],
    ] as const) {
      const refused = pruneEntries(head, { tiles, minimumIndex, retention: policy })
      await expect(refused).rejects.toMatchObject({ code: 'LOG_RETENTION' })
    }
    expect(tiles.content()).toEqual(before)
    expect(await pruneEntries(head, { tiles, minimumIndex: 900n, retention })).toBe(6)
  })

  it('does not begin where the log is damaged', async () => {
    const { tiles, checkpoints } = await publishedLog(1000)
    flipBit(tiles, 'tile/1/000.p/3')
    const head = await headOf(checkpoints[0])
    const refused = pruneEntries(head, { tiles, minimumIndex: 600n, retention })
    await expect(refused).rejects.toMatchObject({ code: 'LOG_TREE_DAMAGED' })
    expect(tiles.files.has('tile/entries/000')).toBe(true)
  })
})
