import { execFileSync } from 'node:child_process'
import { sourceFlags } from '@vaultmesh/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { concatBytes, encodeBase64, encodeHex } from '../src/bytes.ts'
import { nodeHasher } from '../src/node.ts'
import { type BatchHasher, batchHasherFrom, type Hasher, sha256Hasher } from '../src/rfc6962.ts'
import { moduleBase64 } from '../src/simd/module.ts'
import { loadSimdHasher } from '../src/simd.ts'
import { encodeModule } from '../wasm/module.ts'
import { codeOf } from './support.ts'

const loaded = await loadSimdHasher()
const byNode = batchHasherFrom(nodeHasher)
const byNoble = batchHasherFrom(sha256Hasher)

function simd(): BatchHasher {
  if (loaded === undefined) throw new Error('this machine has no WebAssembly SIMD')
  return loaded
}

/** Bytes that differ from each other, and from those of another `seed`. */
function bytesOf(length: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 167 + (i >> 8) * 13 + seed * 101 + 1) % 251)
}

function expectLeaves(entries: readonly Uint8Array[]): void {
  expect(simd().hashLeaves(entries)).toEqual(byNode.hashLeaves(entries))
}

describe('the module', () => {
  // After a change: node packages/merkle/wasm/build.ts
  test('is what its source says, byte for byte', () => {
    expect(encodeBase64(encodeModule())).toBe(moduleBase64)
  })

  test('asks for nothing, and has a memory that can not grow', async () => {
    const { module, instance } = await WebAssembly.instantiate(encodeModule())
    expect(WebAssembly.Module.imports(module)).toEqual([])
    const { memory } = instance.exports
    expect(memory).toBeInstanceOf(WebAssembly.Memory)
    if (memory instanceof WebAssembly.Memory) expect(() => memory.grow(1)).toThrow(RangeError)
  })
})

describe('leaves', () => {
  test('have the hashes that NIST gives for zeros', () => {
    // SHA-256 examples, "additional test vectors": a leaf of n - 1 zeros is n of them.
    const known = new Map([
      [55, '02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7'],
      [56, 'd4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb'],
      [57, '65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785'],
      [64, 'f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b'],
      [1000, '541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53'],
      [1_000_000, 'd29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025'],
    ])
    const entries = [...known.keys()].map((length) => new Uint8Array(length - 1))
    expect(encodeHex(simd().hashLeaves(entries))).toBe([...known.values()].join(''))
  })

  test('of every length from 0 to 300 have the hash of node:crypto, together and alone', () => {
    const entries = Array.from({ length: 301 }, (_, length) => bytesOf(length, length))
    expectLeaves(entries)
    expectLeaves(entries.toReversed())
    for (const entry of entries) expectLeaves([entry])
    // Four times the same: no lane sees what another one has.
    for (const entry of entries) expectLeaves([entry, entry, bytesOf(entry.length, 7), entry])
  })

  test('around the ends of blocks do not care who is in the other lanes', () => {
    const lengths = [0, 53, 54, 55, 56, 62, 63, 64, 117, 118, 119, 127, 128, 1000]
    for (const a of lengths) {
      for (const b of lengths) expectLeaves([bytesOf(a, 1), bytesOf(b, 2), bytesOf(b, 3)])
    }
  })

  test('are hashed in batches of any size, in order', () => {
    for (const count of [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 255, 256, 257, 511, 512, 513]) {
      const entries = Array.from({ length: count }, (_, i) => bytesOf((i * 37) % 150, i))
      const hashes = simd().hashLeaves(entries)
      expect(hashes).toHaveLength(32 * count)
      expect(hashes).toEqual(byNode.hashLeaves(entries))
    }
  })

  test('may be as long as a log allows, and longer', () => {
    const lengths = [65_527, 65_534, 65_535, 65_536, 0, 65_535, 65_599, 70_000, 100_000, 90_000, 3]
    expectLeaves(lengths.map((length, i) => bytesOf(length, i)))
  })

  test('have the hashes of noble and node:crypto', () => {
    const entry = fc.oneof(
      fc.uint8Array({ maxLength: 140 }),
      fc.uint8Array({ maxLength: 3000, size: 'max' }),
    )
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
        const hashes = simd().hashLeaves(entries)
        expect(hashes).toEqual(byNode.hashLeaves(entries))
        expect(hashes).toEqual(byNoble.hashLeaves(entries))
      }),
    )
  })

  test('may be views of a larger buffer', () => {
    const buffer = Buffer.from(bytesOf(500))
    expectLeaves([buffer.subarray(1, 100), buffer.subarray(50, 300), buffer])
  })
})

describe('nodes', () => {
  test('have the hashes of noble and node:crypto', () => {
    const count = fc.oneof(fc.nat(9), fc.nat(600))
    fc.assert(
      fc.property(count, fc.nat(250), (pairs, seed) => {
        const children = bytesOf(64 * pairs, seed)
        const hashes = simd().hashNodes(children)
        expect(hashes).toHaveLength(32 * pairs)
        expect(hashes).toEqual(byNode.hashNodes(children))
        expect(hashes).toEqual(byNoble.hashNodes(children))
      }),
    )
  })

  test('may have any bytes as children', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 320, maxLength: 320 }), (children) => {
        expect(simd().hashNodes(children)).toEqual(byNode.hashNodes(children))
      }),
    )
  })

  test.each([
    ['simd', simd],
    ['one by one', () => byNode],
  ])('that are no pairs are refused (%s)', (_, hasher) => {
    for (const length of [1, 32, 63, 65, 96]) {
      expect(codeOf(() => hasher().hashNodes(new Uint8Array(length)))).toBe('INVALID_ARGUMENT')
    }
  })
})

describe('subtrees', () => {
  test('have the root that their nodes lead to', () => {
    for (let count = 1; count <= 4096; count *= 2) {
      const hashes = bytesOf(32 * count, count)
      let level = hashes
      while (level.length > 32) level = Uint8Array.from(byNode.hashNodes(level))
      expect(simd().hashSubtree(hashes)).toEqual(level)
      expect(byNode.hashSubtree(hashes)).toEqual(level)
    }
  })

  test.each([
    ['simd', simd],
    ['one by one', () => byNode],
  ])('that are not complete are refused (%s)', (_, hasher) => {
    for (const length of [0, 1, 16, 31, 33, 48, 96, 160, 32 * 255]) {
      expect(codeOf(() => hasher().hashSubtree(new Uint8Array(length)))).toBe('INVALID_ARGUMENT')
    }
  })
})

describe('what is given', () => {
  test('is a copy, which no later call changes', () => {
    const entries = [bytesOf(10), bytesOf(100)]
    const leaves = simd().hashLeaves(entries)
    const nodes = simd().hashNodes(leaves)
    const root = simd().hashSubtree(leaves)
    const same = simd().hashSubtree(root)
    const before = [leaves, nodes, root, same].map(encodeHex)
    simd().hashLeaves([bytesOf(70), bytesOf(71), bytesOf(72)])
    simd().hashNodes(bytesOf(64 * 300))
    expect([leaves, nodes, root, same].map(encodeHex)).toEqual(before)
    for (const hashes of [leaves, nodes, root]) {
      expect(hashes.buffer.byteLength).toBe(hashes.byteLength)
      expect(hashes.constructor).toBe(Uint8Array)
    }
    const one = Buffer.from(root)
    const given = [simd(), byNode].map((hasher) => hasher.hashSubtree(one))
    one.fill(0)
    expect(given).toEqual([root, root])
  })

  test('does not depend on what an entry calls while it is read', () => {
    const entries = Array.from({ length: 300 }, (_, i) => bytesOf(i, i))
    const calling = new Proxy(entries, {
      get(target, key, receiver) {
        simd().hashLeaves([bytesOf(80, 9)])
        simd().hashNodes(bytesOf(256))
        return Reflect.get(target, key, receiver)
      },
    })
    expect(simd().hashLeaves(calling)).toEqual(byNode.hashLeaves(entries))
  })

  test('is the same from two hashers in turns', async () => {
    const other = await loadSimdHasher()
    const [a, b] = [[bytesOf(100, 1)], [bytesOf(100, 2)]]
    expect(
      [simd(), other].flatMap((hasher) => [hasher?.hashLeaves(a), hasher?.hashLeaves(b)]),
    ).toEqual([byNode, byNode].flatMap((hasher) => [hasher.hashLeaves(a), hasher.hashLeaves(b)]))
  })
})

describe('where there is no WebAssembly SIMD', () => {
  afterEach(() => vi.unstubAllGlobals())

  test.each([
    ['WebAssembly is missing', undefined],
    [
      'a policy forbids it, or SIMD is missing',
      { instantiate: () => Promise.reject(new WebAssembly.CompileError('refused')) },
    ],
    [
      'something else answers',
      { instantiate: () => Promise.resolve({ instance: { exports: {} } }) },
    ],
  ])('no hasher is loaded: %s', async (_, stub) => {
    vi.stubGlobal('WebAssembly', stub)
    expect(await loadSimdHasher()).toBeUndefined()
  })
})

test('no proof can be checked with a batch hasher', () => {
  expectTypeOf<BatchHasher>().not.toExtend<Hasher>()
})

/** What {@link hashInWorker} should say. */
const expectedHex = encodeHex(concatBytes(byNode.hashLeaves([bytesOf(5), new Uint8Array()])))

test('works in a worker', () => {
  const code = `
    import { parentPort } from 'node:worker_threads'
    import { loadSimdHasher } from ${JSON.stringify(new URL('../src/simd.ts', import.meta.url))}
    const hasher = await loadSimdHasher()
    parentPort.postMessage(Buffer.from(hasher.hashLeaves([Uint8Array.of(${bytesOf(5).join()}), new Uint8Array()])).toString('hex'))`
  const main = `
    import { Worker } from 'node:worker_threads'
    new Worker(new URL(${JSON.stringify(`data:text/javascript,${encodeURIComponent(code)}`)}))
      .on('message', (hex) => process.stdout.write(hex))`
  const said = execFileSync(process.execPath, [
    ...sourceFlags(),
    '--input-type=module',
    '--eval',
    main,
  ])
  expect(said.toString()).toBe(expectedHex)
})
