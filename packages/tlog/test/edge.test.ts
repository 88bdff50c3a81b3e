import { concatBytes } from '@vaultmesh/merkle/bytes'
import { hashLeaf } from '@vaultmesh/merkle/rfc6962'
import { encodeEntryBundle } from '@vaultmesh/merkle/tiles'
import { describe, expect, it } from 'vitest'
import { emptyEdge, extendEdge, type Growth } from '../src/edge.ts'
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

  it('grows in turns as it would at once', async () => {
    const sorted = ({ files, ...rest }: Growth): Growth => ({
      ...rest,
      files: files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    })
    const all = entries(0, 1800)
    for (const begin of [0, 1, 255, 256, 300, 511]) {
      const { edge } = extendEdge(emptyEdge, all.slice(0, begin))
      for (const count of [1, 511, 512, 513, 768, 1024, 1281]) {
        const added = all.slice(begin, begin + count)
        expect(sorted(await grow(edge, added))).toEqual(sorted(extendEdge(edge, added)))
      }
    }
  })
})
