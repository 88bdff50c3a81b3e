/** Checking a whole log: going on where it stopped, and what was pruned. */
import { describe, expect, it } from 'vitest'
import { checkLog } from '../src/check.ts'
import { openLogReader } from '../src/reader.ts'
import { pruneEntries } from '../src/retention.ts'
import { emptyReader, flipBit, identity, publishedLog } from './support/published.ts'

describe('checking a log', () => {
  it('goes on where it was stopped, and remembers what it found', async () => {
    const { tiles } = await publishedLog(700)
    flipBit(tiles, 'tile/entries/000')
    const stopping = new AbortController()
    const seen: bigint[] = []
    const first = await checkLog({
      ...identity,
      tiles,
      signal: stopping.signal,
      onProgress: (entries) => {
        seen.push(entries)
        stopping.abort()
      },
    })
    expect(first).toMatchObject({ isComplete: false, problems: [{ path: 'tile/entries/000' }] })
    expect(seen).toEqual([256n])
    const rest = await checkLog({
      ...identity,
      tiles,
      token: first.token,
      onProgress: (entries, size) => seen.push(entries, size),
    })
    expect(rest).toMatchObject({ isComplete: true, problems: [{ path: 'tile/entries/000' }] })
    expect(seen).toEqual([256n, 512n, 700n, 700n, 700n])
  })

  it('does not miss what was pruned, and nothing else', async () => {
    const { tiles } = await publishedLog(200, 1000)
    const head = await (await openLogReader({ ...identity, tiles })).head()
    const retention = { policy: 'a week', keep: 0n }
    await pruneEntries(head, { tiles, minimumIndex: 600n, retention })
    const pruned = await checkLog({ ...identity, tiles, minimumIndex: 600n })
    expect(pruned).toMatchObject({ isComplete: true, problems: [] })
    expect((await checkLog({ ...identity, tiles, minimumIndex: 300n })).problems.length).toBe(2)
    flipBit(tiles, 'tile/entries/002')
    const { problems } = await checkLog({ ...identity, tiles, minimumIndex: 600n })
    expect(problems.map(({ path }) => path)).toEqual(['tile/entries/002'])
  })

  it('needs a checkpoint', async () => {
    const check = checkLog({ ...identity, tiles: emptyReader })
    await expect(check).rejects.toMatchObject({ code: 'LOG_NOT_FOUND' })
  })
})
