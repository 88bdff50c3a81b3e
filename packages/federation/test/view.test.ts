import { encodeHex, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { CompactRange } from '@vaultmesh/merkle/compact'
import { hashLeaf, sha256 } from '@vaultmesh/merkle/rfc6962'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  byTime,
  encodeFrontier,
  evidenceOf,
  type Frontier,
  frontierMediaType,
  frontierOf,
  frontierRoot,
  type MergedEntry,
  maxFrontierBytes,
  mergeEntries,
  parseFrontier,
  type TrustedEntries,
  trustedPrefix,
} from '../src/index.ts'
import { logSigner, policyOf } from './kit/keys.ts'
import { entriesOf, rootOf, signedHead } from './kit/trees.ts'

const root = rootOf([])
const lines = fc
  .uniqueArray(
    fc.record({
      origin: fc.stringMatching(/^[a-z]{1,8}\/[!-~]{1,8}$/),
      size: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    }),
    { selector: ({ origin }) => origin, maxLength: 8 },
  )
  .map(
    (unsorted): Frontier =>
      unsorted
        .map((line) => ({ ...line, trusted: line.size / 3n }))
        .toSorted((a, b) => (a.origin < b.origin ? -1 : 1)),
  )

describe('the frontier', () => {
  test('has a line for each log, sorted, with what is known and what is trusted', async () => {
    const known = await Promise.all(
      ['b.example/log', 'a.example/log', 'B.example/log'].map(async (origin, i) => {
        const log = logSigner(origin)
        const policy = policyOf([log])
        const heads = await Promise.all(
          [2, 3 + i].map((count) => {
            const tree = { size: BigInt(count), root: rootOf(entriesOf(count)) }
            return signedHead(origin, tree, [log], policy)
          }),
        )
        const evidence = evidenceOf(origin, { heads })
        return { evidence, prefix: trustedPrefix(evidence, policy) }
      }),
    )
    const other = {
      evidence: evidenceOf('c/log', {}),
      prefix: trustedPrefix(evidenceOf('c/log', {}), policyOf([])),
    }
    const frontier = frontierOf([...known, other])
    expect(frontier).toEqual([
      { origin: 'B.example/log', size: 5n, trusted: 5n, root: rootOf(entriesOf(5)) },
      { origin: 'a.example/log', size: 4n, trusted: 4n, root: rootOf(entriesOf(4)) },
      { origin: 'b.example/log', size: 3n, trusted: 3n, root: rootOf(entriesOf(3)) },
      { origin: 'c/log', size: 0n, trusted: 0n, root },
    ])
    expect(encodeFrontier(frontierOf([other, ...known.toReversed()]))).toEqual(
      encodeFrontier(frontier),
    )
    // Small: some 150 bytes a log.
    expect(encodeFrontier(frontier).length).toBeLessThan(600)
  })

  test('is read as it is written, and never otherwise', () =>
    fc.assert(
      fc.property(lines, fc.nat(), fc.nat(255), (frontier, at, byte) => {
        const bytes = encodeFrontier(frontier)
        expect(parseFrontier(bytes)).toEqual({ ok: true, frontier })
        const changed = bytes.with(at % bytes.length, byte)
        const parsed = parseFrontier(changed)
        if (parsed.ok) expect(encodeFrontier(parsed.frontier)).toEqual(changed)
      }),
    ))

  test('is written as the format says', () => {
    const line = { origin: 'example.com/log', root: rootOf([]), size: 9n, trusted: 0n }
    const text =
      '{"origin":"example.com/log","root":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","size":"9","trusted":"0"}'
    expect(new TextDecoder().decode(encodeFrontier([line]))).toBe(
      `{"logs":[${text}],"mediaType":"application/vnd.vaultmesh.frontier.v0+json"}`,
    )
    expect(frontierRoot([line])).toEqual(sha256(encodeUtf8(`\0${text}`)))
    expect(frontierRoot([])).toEqual(sha256(new Uint8Array()))
  })

  test('has one root, by RFC 6962 over its lines', () =>
    fc.assert(
      fc.property(lines, (frontier) => {
        const text = new TextDecoder().decode(encodeFrontier(frontier))
        const { logs }: { logs: unknown[] } = JSON.parse(text)
        const leaves = logs.map((log) => JSON.stringify(log))
        const tree = CompactRange.empty()
        for (const leaf of leaves) tree.append(hashLeaf(encodeUtf8(leaf)))
        expect(leaves).toHaveLength(frontier.length)
        expect(frontierRoot(frontier)).toEqual(tree.root())
      }),
    ))

  const line = (change: object = {}): string =>
    JSON.stringify({
      origin: 'a',
      root: Buffer.from(root).toString('base64'),
      size: '5',
      trusted: '3',
      ...change,
    })
  const document = (...logs: string[]): string =>
    `{"logs":[${logs.join(',')}],"mediaType":"${frontierMediaType}"}`

  test.each<[string, string]>([
    ['no JSON', 'x'],
    ['no lines', '{}'],
    ['another version', document(line()).replace('v0', 'v1')],
    ['white space', document(line()).replace(':', ': ')],
    ['one log twice', document(line(), line())],
    ['logs out of order', document(line({ origin: 'b' }), line())],
    ['no origin', document(line({ origin: '' }))],
    ['an origin of two lines', document(line({ origin: 'a\nb' }))],
    ['a lone surrogate', document(line({ origin: '\ud800' }))],
    ['a number', document(line({ size: 5 }))],
    ['more trusted than there is', document(line({ trusted: '6' }))],
    ['a size with a leading zero', document(line({ size: '05' }))],
    ['a size that does not fit', document(line({ size: `${2n ** 64n}` }))],
    ['a short root', document(line({ root: 'AA==' }))],
    ['a member more', document(line({ zeal: '' }))],
    ['too much', document(line({ origin: 'a'.repeat(maxFrontierBytes) }))],
  ])('is refused with %s', (_, text) => {
    expect(parseFrontier(encodeUtf8(document(line()))).ok).toBe(true)
    expect(parseFrontier(encodeUtf8(text))).toMatchObject({ ok: false })
  })
})

function trusted(origin: string, texts: readonly string[]): TrustedEntries {
  const entries = texts.map((text) => encodeUtf8(text))
  return { origin, entries, prefix: { size: BigInt(entries.length), root: rootOf(entries) } }
}

function merged(logs: readonly TrustedEntries[]): readonly MergedEntry[] {
  const view = mergeEntries(logs)
  if (!view.ok) throw new Error(`${view.origin}: ${view.detail}`)
  return view.entries
}

describe('the merged view', () => {
  const logs = [trusted('b/log', ['x', 'y', 'x']), trusted('a/log', ['y', 'z'])]

  test('has every entry, by origin and index, and marks those that repeat another', () => {
    const first = { origin: 'a/log', index: 0n }
    expect(
      merged(logs).map(({ origin, index, entry, duplicateOf }) => [
        `${origin} ${index} ${new TextDecoder().decode(entry)}`,
        duplicateOf,
      ]),
    ).toEqual([
      ['a/log 0 y', undefined],
      ['a/log 1 z', undefined],
      ['b/log 0 x', undefined],
      ['b/log 1 y', first],
      ['b/log 2 x', { origin: 'b/log', index: 0n }],
    ])
    expect(merged(logs)[0]?.id).toBe(encodeHex(sha256(encodeUtf8('y'))))
  })

  test('does not depend on the order of the logs', () => {
    expect(merged(logs.toReversed())).toEqual(merged(logs))
  })

  test('is made of nothing that is not trusted', () => {
    const [b, a] = logs
    if (a === undefined || b === undefined) throw new Error('two logs')
    const refused = { ok: false, origin: 'b/log' }
    expect(mergeEntries([a, { ...b, entries: b.entries.slice(1) }])).toMatchObject(refused)
    expect(mergeEntries([a, { ...b, entries: [...b.entries, ...a.entries] }])).toMatchObject(
      refused,
    )
    expect(
      mergeEntries([a, { ...b, entries: b.entries.toReversed().toSpliced(0, 1, encodeUtf8('q')) }]),
    ).toMatchObject(refused)
    expect(mergeEntries([b, b])).toMatchObject({ ...refused, detail: 'it is given twice' })
    expect(merged([trusted('a', [])])).toEqual([])
  })

  test('by time has the same entries, those without a time last, and one order', () => {
    const times = new Map([
      ['x', 3],
      ['y', 1],
    ])
    const timeOf = ({ entry }: MergedEntry) => times.get(new TextDecoder().decode(entry))
    const order = (entries: readonly MergedEntry[]) =>
      byTime(entries, timeOf).map(({ origin, index }) => `${origin} ${index}`)
    expect(order(merged(logs))).toEqual(['a/log 0', 'b/log 1', 'b/log 0', 'b/log 2', 'a/log 1'])
    expect(order(merged(logs).toReversed())).toEqual(order(merged(logs)))
    expect(byTime(merged(logs), () => Number.NaN)).toEqual(merged(logs))
  })
})
