import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  conformanceDirectory,
  describeWith,
  readmeExamples,
  runReadmeExample,
  temporaryDirectory,
} from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeUtf8, equalBytes } from '../src/bytes.ts'
import { openCheckpoint } from '../src/checkpoint.ts'
import { type LogFailure, type LogOptions, openLog, type TrustedLog } from '../src/client.ts'
import { nodeEd25519NoteVerifier, nodeHasher, nodeVerifyEd25519 } from '../src/node.ts'
import { ed25519NoteVerifier } from '../src/note.ts'
import { parsePolicy, type TlogPolicy } from '../src/policy.ts'
import { verifyConsistency, verifyInclusion } from '../src/proof.ts'
import { hashLeaf } from '../src/rfc6962.ts'
import { entryBundlePath, type TileSource, tilePath } from '../src/tiles.ts'
import { parseTlogProof } from '../src/tlog-proof.ts'
import { type Files, type StaticLog, sourceOf, staticLog } from './static-log.ts'
import { entriesOf, flipBit, rejectionOf } from './support.ts'

const count = 2000
const entries = entriesOf(count)
const small = await staticLog(entries.slice(0, 700), { witnesses: 2 })
const log = await staticLog(entries, { witnesses: 2 })

function policyOf(text: string): TlogPolicy {
  const parsed = parsePolicy(text)
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.policy
}

function optionsOf(of: StaticLog, source: TileSource = sourceOf(of.files)): LogOptions {
  const { origin, policy } = of
  const trust = policyOf(policy)
  return { origin, trust, source, hasher: nodeHasher, verify: nodeVerifyEd25519 }
}

async function opened(options: LogOptions): Promise<TrustedLog> {
  const result = await openLog(options)
  if (!result.ok) throw new Error(result.detail)
  return result.log
}

/** All that is read, in order. */
async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

/** The files of a log with one of them changed, or left out. */
function changed(
  files: Files,
  path: string,
  change: (bytes: Uint8Array) => Uint8Array | undefined,
): Files {
  const copy = new Map(files)
  const bytes = change(files.get(path) ?? new Uint8Array())
  if (bytes === undefined) copy.delete(path)
  else copy.set(path, bytes)
  return copy
}

async function refusal(result: Promise<{ ok: true } | LogFailure>): Promise<LogFailure['code']> {
  const settled = await result
  if (settled.ok) throw new Error('not refused')
  return settled.code
}

describe('a log', () => {
  test('that the policy trusts is opened at the head that its checkpoint tells of', async () => {
    const { head } = await opened(optionsOf(log))
    expect(head).toEqual({
      origin: log.origin,
      size: 2000n,
      root: log.root,
      checkpoint: new TextDecoder().decode(log.files.get('checkpoint')),
      witnessed: 'quorum',
      cosigners: ['w0', 'w1'],
    })
  })

  test('may be trusted by its own keys alone', async () => {
    const trust = [nodeEd25519NoteVerifier(log.vkey)]
    const { head } = await opened({ origin: log.origin, trust, source: sourceOf(log.files) })
    expect([head.size, head.witnessed, head.cosigners]).toEqual([2000n, 'none-required', []])
    const alone = await staticLog(entries.slice(0, 3))
    expect((await opened(optionsOf(alone))).head.witnessed).toBe('none-required')
  })

  test('is what was verified, whatever its bytes become meanwhile', async () => {
    const bytes = Uint8Array.from(log.files.get('checkpoint') ?? [])
    const { head } = await opened({
      ...optionsOf(log, async () => bytes),
      verify: (...signed) => {
        bytes.fill(0x20)
        return nodeVerifyEd25519(...signed)
      },
    })
    expect(head.checkpoint).toBe(new TextDecoder().decode(log.files.get('checkpoint')))
  })

  test('without entries is one', async () => {
    const empty = await opened(optionsOf(await staticLog([])))
    expect(empty.head.size).toBe(0n)
    expect(await refusal(empty.entry(0n))).toBe('INDEX_BEYOND_SIZE')
    expect(await collect(empty.entries())).toEqual([])
  })
})

describe('a checkpoint is refused', () => {
  const open = (files: Files, options: Partial<LogOptions> = {}): Promise<LogFailure['code']> =>
    refusal(openLog({ ...optionsOf(log), source: sourceOf(files), ...options }))
  const text = (files: Files): string => new TextDecoder().decode(files.get('checkpoint'))
  const withText = (change: (given: string) => string): Files =>
    changed(log.files, 'checkpoint', () => encodeUtf8(change(text(log.files))))

  test('where there is none', async () => {
    expect(await open(new Map())).toBe('CHECKPOINT_MISSING')
  })

  test('where it is something else', async () => {
    expect(await open(withText(() => '<!doctype html>'))).toBe('MALFORMED')
    expect(await open(changed(log.files, 'checkpoint', () => Uint8Array.of(0xff)))).toBe(
      'MALFORMED',
    )
    expect(await open(changed(log.files, 'checkpoint', () => new Uint8Array(2 ** 21)))).toBe(
      'MALFORMED',
    )
  })

  test('where it was changed', async () => {
    expect(await open(withText((given) => given.replace('2000', '1999')))).toBe('BAD_SIGNATURE')
  })

  test('where another key signed it', async () => {
    const forged = await staticLog(entries, { key: 2, witnesses: 2 })
    expect(await open(forged.files)).toBe('NO_TRUSTED_SIGNATURE')
    const trust = [ed25519NoteVerifier(log.vkey)]
    expect(await open(forged.files, { trust })).toBe('NO_TRUSTED_SIGNATURE')
  })

  test('where it is of another log, even of one that the policy trusts as well', async () => {
    const other = await staticLog(entries, { origin: 'example.com/other', key: 3, witnesses: 2 })
    const both = policyOf(`log ${other.vkey}\n${log.policy}`)
    expect(await open(other.files, { trust: both })).toBe('ORIGIN_MISMATCH')
    const keys = [log.vkey, other.vkey].map((vkey) => ed25519NoteVerifier(vkey))
    expect(await open(other.files, { trust: keys })).toBe('ORIGIN_MISMATCH')
  })

  test('where too few witnesses cosigned it', async () => {
    const lines = text(log.files).split('\n')
    const [alone] = [lines.filter((line) => !line.startsWith('— w')).join('\n')]
    expect(
      await openLog({ ...optionsOf(log), source: sourceOf(withText(() => alone ?? '')) }),
    ).toEqual({
      ok: false,
      code: 'NO_QUORUM',
      detail: "the policy's quorum did not cosign the checkpoint of size 2000: no witness did",
    })
    const one = lines.filter((line) => !line.startsWith('— w1')).join('\n')
    expect(await open(withText(() => one))).toBe('NO_QUORUM')
  })

  test('where the source fails', async () => {
    const source: TileSource = () => Promise.reject(new Error('no route to host'))
    expect(await openLog({ ...optionsOf(log), source })).toMatchObject({
      code: 'SOURCE_FAILED',
      paths: ['checkpoint'],
      detail: 'checkpoint could not be read: no route to host',
    })
  })

  test('whatever is made of its bytes', async () => {
    const bytes = log.files.get('checkpoint') ?? new Uint8Array()
    await fc.assert(
      fc.asyncProperty(fc.nat(8 * bytes.length - 1), async (bit) => {
        const result = await openLog({
          ...optionsOf(log),
          source: sourceOf(changed(log.files, 'checkpoint', (given) => flipBit(given, bit))),
        })
        expect(result.ok).toBe(false)
      }),
    )
  })
})

describe('a remembered head', () => {
  const options = optionsOf(log)

  test('is in the log that grew from it', async () => {
    const { head: remembered } = await opened(optionsOf(small))
    expect(await openLog(options, { remembered })).toMatchObject({ ok: true })
    const same = (await opened(options)).head
    expect(await openLog(options, { remembered: same })).toMatchObject({ ok: true })
    const none = { size: 0n, root: (await staticLog([])).root }
    expect(await openLog(options, { remembered: none })).toMatchObject({ ok: true })
  })

  test('that is larger means that history was taken back', async () => {
    const { head: remembered } = await opened(options)
    const result = await openLog(optionsOf(small), { remembered })
    expect(result).toMatchObject({
      code: 'ROLLBACK',
      evidence: { remembered, served: { size: 700n, root: small.root } },
    })
  })

  test('of the same size with another root is a fork', async () => {
    const fork = await staticLog(entries.with(5, encodeUtf8('rewritten')), { witnesses: 2 })
    const { head: remembered } = await opened(options)
    expect(await openLog(optionsOf(fork), { remembered })).toMatchObject({
      code: 'FORK',
      evidence: { remembered, served: { size: 2000n, root: fork.root } },
    })
  })

  test('that the larger tree does not contain is a fork, and the evidence shows it', async () => {
    const sizes = fc.constantFrom(1, 6, 255, 256, 257, 512, 700, 1999)
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async (length, at) => {
        const position = at % length
        const fork = await staticLog(entries.slice(0, length).with(position, encodeUtf8('other')), {
          witnesses: 2,
        })
        const { head: remembered } = await opened(optionsOf(fork))
        const result = await openLog(options, { remembered })
        if (result.ok || result.code !== 'FORK') throw new Error('not seen')
        // Whoever has the log's key can check this, without the tiles.
        const { evidence } = result
        const verifiers = [nodeEd25519NoteVerifier(log.vkey)]
        const [first, second] = await Promise.all(
          [evidence.remembered, evidence.served].map(({ checkpoint = '' }) =>
            openCheckpoint(checkpoint, log.origin, verifiers),
          ),
        )
        const { otherRoot = new Uint8Array(), hashes = [] } = evidence.proof ?? {}
        if (first?.ok !== true || second?.ok !== true) throw new Error('not signed')
        expect(equalBytes(otherRoot, first.checkpoint.root)).toBe(false)
        const { size: size1 } = first.checkpoint
        const { size: size2, root: root2 } = second.checkpoint
        expect(verifyConsistency({ size1, size2, root1: otherRoot, root2, hashes })).toEqual({
          ok: true,
        })
      }),
      { numRuns: 12 },
    )
  })

  test('of another log, or a damaged one, is no reason to accuse this one', async () => {
    const { head } = await opened(options)
    for (const remembered of [
      { ...head, origin: 'example.com/other' },
      { ...head, root: head.root.subarray(1) },
      { ...head, size: -1n },
      { ...head, size: 2n ** 64n },
    ]) {
      const source: TileSource = () => Promise.reject(new Error('asked'))
      expect(await rejectionOf(openLog({ ...options, source }, { remembered }))).toBe(
        'INVALID_ARGUMENT',
      )
    }
    const { origin: _, ...anonymous } = head
    expect(await openLog(options, { remembered: anonymous })).toMatchObject({ ok: true })
  })

  test('is no fork where only the tiles are wrong', async () => {
    const { head: remembered } = await opened(optionsOf(small))
    const open = (files: Files): Promise<LogFailure['code']> =>
      refusal(openLog({ ...options, source: sourceOf(files) }, { remembered }))
    expect(await open(changed(log.files, tilePath(0, 2n), (tile) => flipBit(tile, 3)))).toBe(
      'TILE_MISMATCH',
    )
    expect(await open(changed(log.files, tilePath(0, 2n), () => undefined))).toBe('TILE_MISSING')
    expect(await open(new Map([...log.files].filter(([path]) => path === 'checkpoint')))).toBe(
      'TILE_MISSING',
    )
  })
})

describe('an entry', () => {
  test('comes with its bytes, its place and its proof', async () => {
    const { head, entry, includes, prove } = bound(await opened(optionsOf(log)))
    await fc.assert(
      fc.asyncProperty(fc.nat(count - 1), async (at) => {
        const index = BigInt(at)
        const bytes = entries[at] ?? new Uint8Array()
        expect(await entry(index)).toEqual({ ok: true, entry: bytes })
        expect(await includes(index, bytes)).toEqual({ ok: true })
        expect(await refusal(includes(index, encodeUtf8(`entry ${at + 1}`)))).toBe('NOT_INCLUDED')
        const proved = await prove(index)
        const parsed = parseTlogProof(proved.ok ? proved.proof : '')
        if (!parsed.ok) throw new Error(parsed.detail)
        const { hashes, checkpoint } = parsed.proof
        expect([parsed.proof.index, checkpoint]).toEqual([index, head.checkpoint])
        const { size, root } = head
        const leafHash = hashLeaf(bytes)
        expect(verifyInclusion({ index, size, leafHash, hashes, root })).toEqual({ ok: true })
      }),
    )
  })

  test('that the log does not have is refused', async () => {
    const { entry, includes, prove } = bound(await opened(optionsOf(log)))
    for (const index of [-1n, 2000n, 2n ** 64n]) {
      expect(await refusal(entry(index))).toBe('INDEX_BEYOND_SIZE')
      expect(await refusal(includes(index, new Uint8Array()))).toBe('INDEX_BEYOND_SIZE')
      expect(await refusal(prove(index))).toBe('INDEX_BEYOND_SIZE')
    }
  })

  test('of a damaged log is refused, and read again when the log is mended', async () => {
    let files = changed(log.files, entryBundlePath(1n), (bundle) => flipBit(bundle, 50))
    const { entry, includes, prove } = bound(
      await opened(optionsOf(log, (p) => sourceOf(files)(p))),
    )
    expect(await refusal(entry(256n))).toBe('ENTRY_MISMATCH')
    files = changed(log.files, tilePath(0, 1n), (tile) => flipBit(tile, 100))
    const cold = bound(await opened(optionsOf(log, (path) => sourceOf(files)(path))))
    expect(await refusal(cold.entry(256n))).toBe('TILE_MISMATCH')
    expect(await refusal(cold.includes(256n, new Uint8Array()))).toBe('TILE_MISMATCH')
    expect(await refusal(cold.prove(256n))).toBe('TILE_MISMATCH')
    files = changed(log.files, tilePath(0, 7n, 208), () => undefined)
    const edgeless = bound(await opened(optionsOf(log, (path) => sourceOf(files)(path))))
    expect(await refusal(edgeless.prove(256n))).toBe('TILE_MISSING')
    files = log.files
    expect(await edgeless.prove(256n)).toMatchObject({ ok: true })
    expect(await cold.entry(256n)).toMatchObject({ ok: true })
    expect(await entry(256n)).toMatchObject({ ok: true })
    expect([
      await includes(256n, entries[256] ?? new Uint8Array()),
      (await prove(256n)).ok,
    ]).toEqual([{ ok: true }, true])
  })
})

test('consistency from a smaller size is proven to others', async () => {
  const opening = await opened(optionsOf(log))
  const proof = await opening.consistency(700n)
  if (!proof.ok) throw new Error(proof.detail)
  const { hashes } = proof
  expect(
    verifyConsistency({ size1: 700n, size2: 2000n, root1: small.root, root2: log.root, hashes }),
  ).toEqual({ ok: true })
  expect(await refusal(opening.consistency(2001n))).toBe('SIZE_ORDER')
  expect(await refusal(opening.consistency(-1n))).toBe('SIZE_ORDER')
})

describe('the entries', () => {
  test('come in order, from where to where they are wanted', async () => {
    const opening = await opened(optionsOf(log))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(count),
        fc.nat(count),
        fc.integer({ min: 1, max: 9 }),
        async (one, other, prefetch) => {
          const [from, to] = one < other ? [one, other] : [other, one]
          const seen: string[] = []
          const range = { from: BigInt(from), to: BigInt(to), prefetch }
          for await (const read of opening.entries(range)) {
            if (!read.ok) throw new Error(read.detail)
            seen.push(`${read.index} ${new TextDecoder().decode(read.entry)}`)
          }
          expect(seen).toEqual(
            Array.from({ length: to - from }, (_, i) => `${from + i} entry ${from + i}`),
          )
        },
      ),
      { numRuns: 20 },
    )
    expect((await collect(opening.entries())).length).toBe(count)
  })

  test('end with what is wrong', async () => {
    const files = changed(log.files, entryBundlePath(2n), (bundle) => bundle.subarray(1))
    const opening = await opened(optionsOf(log, sourceOf(files)))
    const read = await collect(opening.entries({ from: 500n }))
    expect(read.length).toBe(13)
    expect(read.slice(0, 12).every(({ ok }) => ok)).toBe(true)
    expect(read.at(-1)).toMatchObject({ code: 'BUNDLE_MALFORMED', paths: ['tile/entries/002'] })
    const edgeless = await opened(optionsOf(log, sourceOf(new Map([...log.files].slice(-1)))))
    expect(await collect(edgeless.entries())).toMatchObject([{ code: 'TILE_MISSING' }])
  })

  test('beyond the head, or too many at once, are refused', async () => {
    const opening = await opened(optionsOf(log))
    for (const options of [{ from: -1n }, { to: 2001n }, { from: 5n, to: 4n }]) {
      expect(await collect(opening.entries(options))).toMatchObject([
        { ok: false, code: 'INDEX_BEYOND_SIZE' },
      ])
    }
    for (const prefetch of [0, 65, Number.NaN]) {
      expect(await rejectionOf(opening.entries({ prefetch }).next())).toBe('INVALID_ARGUMENT')
    }
  })

  test('are asked for no further ahead than is wanted, and no longer', async () => {
    const signals = new Map<string, AbortSignal | undefined>()
    const opening = await opened(
      optionsOf(log, async (path, signal) => {
        if (path.startsWith('tile/entries')) signals.set(path, signal)
        return log.files.get(path)
      }),
    )
    const reading = opening.entries({ prefetch: 2 })
    await reading.next()
    expect([...signals.keys()]).toEqual(['tile/entries/000', 'tile/entries/001'])
    await reading.return()
    expect([...signals.values()].map((signal) => signal?.aborted)).toEqual([true, true])
  })

  test('stop when they are no longer wanted, even if the source does not', async () => {
    const stop = new AbortController()
    const opening = await opened(
      optionsOf(log, async (path) => {
        if (path === entryBundlePath(1n)) await new Promise(() => {})
        return log.files.get(path)
      }),
    )
    const reading = opening.entries({ signal: stop.signal })
    for (let i = 0; i < 256; i += 1) expect(await reading.next()).toMatchObject({ done: false })
    const waiting = reading.next()
    stop.abort()
    expect(await waiting).toMatchObject({ value: { ok: false, code: 'ABORTED' } })
    expect(await reading.next()).toMatchObject({ done: true })
    expect(await collect(opening.entries({ signal: stop.signal }))).toMatchObject([
      { code: 'ABORTED' },
    ])
    const midway = new AbortController()
    const other = opening.entries({ signal: midway.signal, prefetch: 1 })
    await other.next()
    midway.abort()
    expect(await other.next()).toMatchObject({ value: { ok: false, code: 'ABORTED' } })
  })
})

test('what is asked for can be given up', async () => {
  const stuck: TileSource = () => new Promise(() => {})
  const { signal } = giveUp()
  expect(await refusal(openLog(optionsOf(log, stuck), { signal }))).toBe('ABORTED')
  let isStuck = false
  const opening = await opened(
    optionsOf(log, async (path) => (isStuck ? stuck(path) : log.files.get(path))),
  )
  isStuck = true
  expect(await refusal(opening.entry(0n, giveUp().signal))).toBe('ABORTED')
  expect(await refusal(opening.includes(0n, new Uint8Array(), giveUp().signal))).toBe('ABORTED')
  expect(await refusal(opening.prove(0n, giveUp().signal))).toBe('ABORTED')
  expect(await refusal(opening.consistency(5n, giveUp().signal))).toBe('ABORTED')
})

/** A signal that is aborted as soon as whoever got it waits. */
function giveUp(): AbortController {
  const controller = new AbortController()
  queueMicrotask(() => controller.abort())
  return controller
}

/** The methods of a log, for tests that use several. */
function bound(of: TrustedLog): Pick<TrustedLog, 'head' | 'entry' | 'includes' | 'prove'> {
  return {
    head: of.head,
    entry: (index) => of.entry(index),
    includes: (index, entry) => of.includes(index, entry),
    prove: (index) => of.prove(index),
  }
}

describeWith(['conformance'], 'the log of transparency-dev/tessera', () => {
  const origin = 'example.com/log/testdata'
  const trust = [
    nodeEd25519NoteVerifier(
      'example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx',
    ),
  ]
  const sourceAt =
    (size: number): TileSource =>
    async (path) => {
      const name = path === 'checkpoint' ? `checkpoint.${size}` : path
      return readFileSync(join(conformanceDirectory(), 'tlog-tiles', name))
    }

  test('is read at every size, each of which contains all smaller ones', async () => {
    const heads: TrustedLog['head'][] = []
    for (let size = 0; size <= 15; size += 1) {
      const result = await openLog(
        { origin, trust, source: sourceAt(size) },
        { remembered: heads.at(-1) },
      )
      if (!result.ok) throw new Error(result.detail)
      const read = await collect(result.log.entries())
      expect(read.map((each) => each.ok)).toEqual(Array.from({ length: size }, () => true))
      for (const remembered of heads) {
        const again = await openLog({ origin, trust, source: sourceAt(size) }, { remembered })
        expect(again.ok).toBe(true)
      }
      heads.push(result.log.head)
    }
    const remembered = heads.at(-1)
    if (remembered === undefined) throw new Error('no head')
    const rolledBack = await openLog({ origin, trust, source: sourceAt(7) }, { remembered })
    expect(rolledBack).toMatchObject({ code: 'ROLLBACK' })
  })
})

test('the example of the README reads a log', async () => {
  const readme = new URL('../README.md', import.meta.url)
  const index = readmeExamples(readFileSync(readme, 'utf8')).findIndex((code) =>
    code.includes('openLog'),
  )
  const { files } = await staticLog(entries.slice(0, 1000), { witnesses: 2 })
  // Stands in for the server: Node loads it before the example.
  const server = join(temporaryDirectory(), 'server.mjs')
  const served = [...files].map(([path, bytes]) => [
    `https://example.com/log/${path}`,
    Buffer.from(bytes).toString('base64'),
  ])
  writeFileSync(
    server,
    `const files = new Map(${JSON.stringify(served)})
     globalThis.fetch = async (url) => {
       const file = files.get(String(url))
       if (file === undefined) return new Response('', { status: 404 })
       return new Response(Buffer.from(file, 'base64'))
     }`,
  )
  const env = { NODE_OPTIONS: `--import=${server}` }
  expect(await runReadmeExample(readme, { index, env })).toBe(
    'entry 2\nc2sp.org/tlog-proof@v1\n998n entry 998\n999n entry 999\n',
  )
})
