import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { conformanceDirectory, describeWith } from '@vaultmesh/testing'
import { expect, test } from 'vitest'
import { decodeBase64, encodeBase64, equalBytes } from '../src/bytes.ts'
import { formatCheckpoint, openCheckpoint } from '../src/checkpoint.ts'
import { CompactRange } from '../src/compact.ts'
import { ed25519NoteVerifier, parseNote } from '../src/note.ts'
import {
  buildConsistency,
  buildInclusion,
  buildRoot,
  verifyConsistency,
  verifyInclusion,
} from '../src/proof.ts'
import { hashLeaf } from '../src/rfc6962.ts'
import {
  decodeEntryBundle,
  encodeEntryBundle,
  entryBundlePath,
  nodeReader,
  parseTilePath,
  partialWidth,
  tilePath,
} from '../src/tiles.ts'

/** Every JSON file below a folder. Integers come as strings: JSON.parse would round the large ones. */
function vectorsOf<T>(folder: string): T[] {
  const directory = join(conformanceDirectory(), 'merkle', folder)
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.json'))
    .map((path) => {
      const text = readFileSync(join(directory, path), 'utf8')
      return JSON.parse(text.replace(/^(\s*"\w+": )([0-9]+)(,?)$/gm, '$1"$2"$3'))
    })
}

/** How many of the vectors hold an integer that a number would round. */
function countUnsafe(vectors: readonly object[]): number {
  const isUnsafe = (value: unknown): boolean =>
    typeof value === 'string' && /^[0-9]{16,}$/.test(value)
  return vectors.filter((vector) => Object.values(vector).some(isUnsafe)).length
}

interface Vector {
  readonly desc: string
  readonly proof: readonly string[] | null
  readonly wantErr: boolean
}

function hash(text: string): Uint8Array {
  return decodeBase64(text) ?? new Uint8Array()
}

describeWith(['conformance'], 'the vectors of transparency-dev/merkle', () => {
  test('for inclusion get their verdict', () => {
    const vectors = vectorsOf<
      Vector & { leafIdx: string; treeSize: string; root: string; leafHash: string }
    >('inclusion')
    for (const { leafIdx, treeSize, root, leafHash, proof, desc, wantErr } of vectors) {
      const result = verifyInclusion({
        index: BigInt(leafIdx),
        size: BigInt(treeSize),
        leafHash: hash(leafHash),
        root: hash(root),
        hashes: (proof ?? []).map(hash),
      })
      expect(`${desc}: ${!result.ok}`).toBe(`${desc}: ${wantErr}`)
    }
    expect(vectors).toHaveLength(98)
    expect(vectors.some(({ leafIdx }) => BigInt(leafIdx) === 2n ** 64n - 1n)).toBe(true)
    expect(countUnsafe(vectors)).toBe(2)
  })

  test('for consistency get their verdict', () => {
    const vectors = vectorsOf<
      Vector & { size1: string; size2: string; root1: string; root2: string }
    >('consistency')
    for (const { size1, size2, root1, root2, proof, desc, wantErr } of vectors) {
      const result = verifyConsistency({
        size1: BigInt(size1),
        size2: BigInt(size2),
        root1: hash(root1),
        root2: hash(root2),
        hashes: (proof ?? []).map(hash),
      })
      expect(`${desc}: ${!result.ok}`).toBe(`${desc}: ${wantErr}`)
    }
    expect(vectors).toHaveLength(98)
  })
})

describeWith(['conformance'], 'the log of transparency-dev/tessera', () => {
  const origin = 'example.com/log/testdata'
  /** The key of that log, as published beside it. */
  const vkey = 'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx'

  const read = (path: string): Uint8Array =>
    Uint8Array.from(readFileSync(join(conformanceDirectory(), 'tlog-tiles', path)))
  const fetchTile = async (path: string): Promise<Uint8Array> => read(path)
  const sizes = Array.from({ length: 16 }, (_, size) => BigInt(size))

  async function open(size: bigint): Promise<{ size: bigint; root: Uint8Array }> {
    const opened = await openCheckpoint(read(`checkpoint.${size}`), origin, [
      ed25519NoteVerifier(vkey),
    ])
    if (!opened.ok) throw new Error(opened.detail)
    return opened.checkpoint
  }

  test('has checkpoints that verify, and that are written the same', async () => {
    for (const size of sizes) {
      const bytes = read(`checkpoint.${size}`)
      const opened = await openCheckpoint(bytes, origin, [ed25519NoteVerifier(vkey)])
      expect(opened).toMatchObject({ ok: true, checkpoint: { size } })
      const parsed = parseNote(bytes)
      if (opened.ok && parsed.ok) {
        expect(formatCheckpoint(opened.checkpoint)).toBe(parsed.note.text)
      }
    }
  })

  test('has tiles, entries and roots that agree', async () => {
    for (const size of sizes.slice(1)) {
      const width = partialWidth(size, 0)
      const bundle = read(entryBundlePath(0n, width))
      const entries = decodeEntryBundle(bundle, width)
      if (entries === undefined) throw new Error(`bundle ${width} is malformed`)
      expect(encodeEntryBundle(entries)).toEqual(bundle)
      const tile = Buffer.concat(entries.map(hashLeaf))
      expect(equalBytes(tile, read(tilePath(0, 0n, width)))).toBe(true)
      const range = CompactRange.empty()
      for (const entry of entries) range.append(hashLeaf(entry))
      const { root } = await open(size)
      expect(encodeBase64(range.root())).toBe(encodeBase64(root))
      expect(await buildRoot(size, nodeReader(size, fetchTile))).toEqual(root)
    }
  })

  test('proves every entry of every tree, and every tree from every smaller one', async () => {
    for (const size of sizes.slice(1)) {
      const reader = nodeReader(size, fetchTile)
      const { root } = await open(size)
      for (let index = 0n; index < size; index += 1n) {
        const leafHash = await reader(0, index)
        const hashes = await buildInclusion(index, size, reader)
        expect(verifyInclusion({ index, size, leafHash, hashes, root })).toEqual({ ok: true })
        const size1 = index + 1n
        const { root: root1 } = await open(size1)
        const between = await buildConsistency(size1, size, reader)
        expect(
          verifyConsistency({ size1, size2: size, root1, root2: root, hashes: between }),
        ).toEqual({ ok: true })
      }
    }
  })

  test('has no path that this package would not write', () => {
    const root = join(conformanceDirectory(), 'tlog-tiles')
    const files = readdirSync(join(root, 'tile'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    expect(files).toHaveLength(30)
    for (const file of files) expect(parseTilePath(file)).toBeDefined()
  })
})
