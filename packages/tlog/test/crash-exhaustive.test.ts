import { describe, expect, it } from 'vitest'
import { interceptedFileSystem } from './support/faults.ts'
import { branch, expectAlive, type History, live, newHistory, texts } from './support/history.ts'
import type { Choose } from './support/memory-fs.ts'

/** Calls `visit` with every way to choose, one after the other. */
function everyChoice(visit: (choose: Choose) => void): void {
  let path: { chosen: number; options: number }[] = []
  for (;;) {
    let depth = 0
    visit((options) => {
      const step = path[depth] ?? { chosen: 0, options }
      path[depth] = step
      depth += 1
      return step.chosen
    })
    // The next path: the last step that can still be taken another way is, and none comes after it.
    path = path.slice(0, depth)
    while (path.length > 0) {
      const last = path.at(-1)
      if (last !== undefined && last.chosen + 1 < last.options) {
        last.chosen += 1
        break
      }
      path.pop()
    }
    if (path.length === 0) return
  }
}

/** Every state that a power cut may leave, at any moment of a life. */
async function everyCrash(
  before: readonly (readonly string[])[],
  last: readonly string[],
): Promise<History[]> {
  const history = newHistory()
  if (before.length > 0) await live(history, history.disk, before)
  const found = new Map<string, History>()
  const fs = interceptedFileSystem(history.disk, async (_, act) => {
    await act()
    everyChoice((choose) => {
      const disk = history.disk.afterCrash(choose)
      // A state with fewer promises asks for less.
      const promises = `${history.acknowledged.size} ${history.published} ${history.signed.length}`
      const key = `${disk.fingerprint()} ${promises}`
      if (!found.has(key)) found.set(key, branch(history, disk))
    })
  })
  await live(history, fs, [last])
  return [...found.values()]
}

describe('every state that a power cut may leave', () => {
  it.each([
    ['making a log and adding its first entry', [], ['a']],
    ['adding one entry', [['a', 'b', 'c']], ['d']],
    ['adding a batch', [['a']], texts('a longer text, so that there are several sectors', 12)],
  ])('while %s is survived', async (_, before, last) => {
    const states = await everyCrash(before, last)
    expect(states.length).toBeGreaterThan(20)
    for (const history of states) await expectAlive(history, 'after the cut')
  })
})
