import { concatBytes } from '@vaultmesh/merkle/bytes'
import { hashLeaf } from '@vaultmesh/merkle/rfc6962'
import { encodeEntryBundle } from '@vaultmesh/merkle/tiles'
import { describe, expect, it } from 'vitest'
import { emptyEdge, extendEdge, type Growth, type TreeFile } from '../src/edge.ts'
import { grow } from '../src/grow.ts'
import { bytesOf, naiveRoot } from './support/logs.ts'

function entries(begin: number, end: number): Uint8Array[] {
  return Array.from({ length: end - begin }, (_, i) => bytesOf(`entry ${begin + i}`))
}

describe('the edge of a log', () => {
  it('makes just the files that the new size needs', () => {
    const paths = (begin: number, end: number): string[] => {
      const before = begin === 0 ? emptyEdge : extendEdge(emptyEdge, entries(0, begin)).edge
      return extendEdge(before, entries(begin, end))
        .files.map(({ path }) => path)
        .sort()
    }
    expect(paths(0, 1)).toEqual(['tile/0/000.p/1', 'tile/entries/000.p/1'])
    expect(paths(1, 255)).toEqual(['tile/0/000.p/255', 'tile/entries/000.p/255'])
    expect(paths(255, 256)).toEqual(['tile/0/000', 'tile/1/000.p/1', 'tile/entries/000'])
    expect(paths(256, 257)).toEqual(['tile/0/001.p/1', 'tile/entries/001.p/1'])
    expect(paths(257, 258)).toEqual(['tile/0/001.p/2', 'tile/entries/001.p/2'])
    expect(paths(250, 520)).toEqual([
      'tile/0/000',
      'tile/0/001',
      'tile/0/002.p/8',
      'tile/1/000.p/2',
      'tile/entries/000',
      'tile/entries/001',
      'tile/entries/002.p/8',
    ])
  })

  it('gives their bytes and the root, and leaves what it was given', () => {
    const before = extendEdge(emptyEdge, entries(0, 3)).edge
    const copy = structuredClone(before)
    const { root, files } = extendEdge(before, entries(3, 5))
    expect(before).toEqual(copy)
    expect(root).toEqual(naiveRoot(entries(0, 5)))
    expect(new Map(files.map(({ path, bytes }) => [path, bytes]))).toEqual(
      new Map([
        ['tile/entries/000.p/5', encodeEntryBundle(entries(0, 5))],
        ['tile/0/000.p/5', concatBytes(...entries(0, 5).map(hashLeaf))],
      ]),
    )
  })

  it('grows by many at once, and in turns, as by one after the other', async () => {
    const sorted = ({ files, ...rest }: Growth): Growth => ({
      ...rest,
      files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    })
    const all = entries(0, 1800)
    for (const begin of [0, 1, 255, 256, 300, 511]) {
      const { edge } =
        begin === 0 ? { edge: emptyEdge } : extendEdge(emptyEdge, all.slice(0, begin))
      const files = new Map<string, TreeFile>()
      let grown = edge
      for (let count = 1; count <= 1281; count += 1) {
        const growth = extendEdge(grown, all.slice(begin + count - 1, begin + count))
        grown = growth.edge
        for (const file of growth.files) files.set(file.path.replace(/\.p\/.*$/, ''), file)
        if (![1, 256, 511, 512, 513, 768, 1024, 1281].includes(count)) continue
        const expected = sorted({ ...growth, files: [...files.values()] })
        const added = all.slice(begin, begin + count)
        expect(sorted(extendEdge(edge, added))).toEqual(expected)
        expect(sorted(await grow(edge, added))).toEqual(expected)
      }
    }
  })
})
