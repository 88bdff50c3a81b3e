/** Checking a whole log. */
import { sha256 } from '@noble/hashes/sha2.js'
import { fsck } from '@vaultmesh/merkle/fsck'
import { decodeEntryBundle, entryBundlePath, tileWidth } from '@vaultmesh/merkle/tiles'
import type { BenchCase, CallVariant } from '../../harness/case.ts'
import { makeTree } from '../log-tree.ts'
import { cryptoHash, type Digest, naiveLevels, ourBatchHasher } from './builders.ts'

const entryLength = 256

const counts = { smoke: 1000, normal: 100_000, full: 1_000_000 } as const

/** All files against the root. */
export const checkWholeLog: BenchCase = {
  title: 'Check a whole log',
  async prepare({ scale }) {
    const count = counts[scale]
    const { hasher, name } = await ourBatchHasher()
    const files = new Map<string, Uint8Array>()
    const root = makeTree(count, entryLength, hasher, (path, bytes) => files.set(path, bytes))
    const expected = Buffer.from(root).toString('hex')
    const head = { size: BigInt(count), root }
    const source = async (path: string) => files.get(path)

    const naive = (peer: string, note: string, digest: Digest): CallVariant => ({
      kind: 'call',
      name: peer,
      role: 'peer',
      note,
      run() {
        const entries: Uint8Array[] = []
        for (let at = 0; at < count; at += tileWidth) {
          const width = Math.min(tileWidth, count - at)
          const path = entryBundlePath(
            BigInt(at / tileWidth),
            width < tileWidth ? width : undefined,
          )
          entries.push(...(decodeEntryBundle(files.get(path) ?? new Uint8Array(), width) ?? []))
        }
        return naiveLevels(entries, digest).at(-1)?.[0]
      },
      result: (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : ''),
    })
    return {
      input: `${count.toLocaleString('en')} entries of ${entryLength} bytes, their bundles and tiles, in memory; held to the signed root.`,
      items: { count, name: 'entries' },
      isIsolated: true,
      variants: [
        {
          kind: 'call',
          name: 'ours',
          role: 'ours',
          note: `\`fsck\` with ${name}: every bundle and every tile, and which file is wrong`,
          run: async () => {
            const { complete, problems } = await fsck(head, source, { hasher })
            return complete && problems.length === 0
          },
          result: (sound) => (sound === true ? expected : 'problems'),
        },
        naive(
          'crypto.hash',
          'the root out of the bundles, level by level; no tile is looked at',
          cryptoHash,
        ),
        naive('noble', 'the same with `sha256` of @noble/hashes', sha256),
      ],
      absent: [
        {
          name: 'merkletreejs',
          why: 'has no check of stored data; building again is measured above',
        },
        {
          name: '@openzeppelin/merkle-tree',
          why: 'has no tiles; its `validate` works on its own dump',
        },
      ],
    }
  },
}
