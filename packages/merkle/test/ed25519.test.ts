import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Point } from '@noble/ed25519'
import { conformanceDirectory, describeWith } from '@vaultmesh/testing'
import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { concatBytes, encodeHex } from '../src/bytes.ts'
import { sha512 } from '../src/ed25519/sha512.ts'
import {
  type Ed25519Verify,
  isAcceptablePublicKey,
  isAcceptableSignature,
  verifyEd25519,
} from '../src/ed25519.ts'
import { ed25519Signer, nodeVerifyEd25519 } from '../src/node.ts'
import { flipBit, keyOf } from './support.ts'
import { type Ed25519Vector, makeEd25519Vectors } from './vectors/ed25519.ts'

const fieldPrime = 2n ** 255n - 19n
const { n: groupOrder } = Point.CURVE()

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${encodeHex(Uint8Array.from(bytes).reverse())}`)
}

function encodeNumber(value: bigint): Uint8Array {
  return hex(value.toString(16).padStart(64, '0')).reverse()
}

/** The verifier as it is where there is no WebCrypto. */
async function withoutWebCrypto(): Promise<Ed25519Verify> {
  vi.resetModules()
  vi.stubGlobal('crypto', {})
  const { verifyEd25519: verify } = await import('../src/ed25519.ts')
  return verify
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

const backends: readonly [string, () => Ed25519Verify | Promise<Ed25519Verify>][] = [
  ['WebCrypto', () => verifyEd25519],
  ['node:crypto', () => nodeVerifyEd25519],
  ['noble', withoutWebCrypto],
]

const signer = ed25519Signer(keyOf(1))
const message = new TextEncoder().encode('message')
const signature = signer.sign(message)

/** A generator of the eight points whose order divides the cofactor. */
const torsion = Point.fromBytes(
  hex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
)
const smallOrder = Array.from({ length: 8 }, (_, i) => torsion.multiplyUnsafe(BigInt(i)))

const vectorsPath = fileURLToPath(new URL('vectors/ed25519.json', import.meta.url))
const vectors: Ed25519Vector[] = JSON.parse(readFileSync(vectorsPath, 'utf8'))

test('WebCrypto is used where it has Ed25519', async () => {
  const verify = vi.spyOn(crypto.subtle, 'verify')
  expect(await verifyEd25519(signer.publicKey, message, signature)).toBe(true)
  expect(verify).toHaveBeenCalledOnce()
  verify.mockRestore()
})

test('a signature that is changed after it was found acceptable is not what is verified', async () => {
  const [publicKey, signed, text] = [signer.publicKey, signature, message].map((bytes) =>
    Uint8Array.from(bytes),
  )
  if (publicKey === undefined || signed === undefined || text === undefined) return
  const verdict = verifyEd25519(publicKey, text, signed)
  for (const bytes of [publicKey, signed, text]) bytes.fill(0)
  expect(await verdict).toBe(true)
})

describe.each(backends)('%s', (_, backend) => {
  test('verifies what the key signed and nothing else', async () => {
    const verify = await backend()
    const { publicKey } = signer
    expect(await verify(publicKey, message, signature)).toBe(true)
    expect(await verify(publicKey, new Uint8Array(), signature)).toBe(false)
    expect(await verify(ed25519Signer(keyOf(2)).publicKey, message, signature)).toBe(false)
  })

  test('refuses every single-bit change', async () => {
    const verify = await backend()
    await fc.assert(
      fc.asyncProperty(fc.nat(511), async (bit) => {
        const { publicKey } = signer
        expect(await verify(publicKey, message, flipBit(signature, bit))).toBe(false)
        expect(await verify(publicKey, flipBit(message, bit), signature)).toBe(false)
        expect(await verify(flipBit(publicKey, bit % 256), message, signature)).toBe(false)
      }),
      { numRuns: 25 },
    )
  })

  test('refuses other lengths', async () => {
    const verify = await backend()
    const { publicKey } = signer
    for (const length of [0, 63, 65]) {
      expect(await verify(publicKey, message, new Uint8Array(length))).toBe(false)
    }
    for (const length of [0, 31, 33]) {
      expect(await verify(new Uint8Array(length), message, signature)).toBe(false)
    }
  })

  test('gives the verdict of every vector', async () => {
    const verify = await backend()
    for (const { name, publicKey, message: text, signature: signed, valid } of vectors) {
      const ok = await verify(hex(publicKey), hex(text), hex(signed))
      expect(`${name}: ${ok}`).toBe(`${name}: ${valid}`)
    }
  })
})

test('the vectors are what their generator makes', async () => {
  const text = `${JSON.stringify(makeEd25519Vectors(), undefined, 2)}\n`
  await expect(text).toMatchFileSnapshot(vectorsPath)
  expect(vectors.filter(({ valid }) => valid)).toHaveLength(17)
})

test('an S that is not reduced is refused before a backend sees it', () => {
  const s = littleEndian(signature.subarray(32))
  const malleable = concatBytes(signature.subarray(0, 32), encodeNumber(s + groupOrder))
  expect(isAcceptableSignature(signer.publicKey, signature)).toBe(true)
  expect(isAcceptableSignature(signer.publicKey, malleable)).toBe(false)
})

test('a backend that fails verifies nothing', async () => {
  const verify = vi.spyOn(crypto.subtle, 'verify').mockRejectedValue(new Error('no'))
  expect(await verifyEd25519(signer.publicKey, message, signature)).toBe(false)
  verify.mockRestore()
})

describe('the SHA-512 of the backend without WebCrypto', () => {
  const digest = (bytes: Uint8Array): string => createHash('sha512').update(bytes).digest('hex')

  test('is that of node:crypto at every length around a block', () => {
    for (let length = 0; length <= 260; length += 1) {
      const bytes = new Uint8Array(length).fill(length)
      expect(encodeHex(sha512(bytes))).toBe(digest(bytes))
    }
  })

  test('is that of node:crypto for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(encodeHex(sha512(bytes))).toBe(digest(bytes))
      }),
    )
  })
})

describe('a key', () => {
  test('of small order is refused, in every encoding', () => {
    expect(new Set(smallOrder.map((point) => point.toHex())).size).toBe(8)
    const encodings = smallOrder
      .map((point) => BigInt.asUintN(255, littleEndian(point.toBytes())))
      .flatMap((y) => [y, y + fieldPrime])
      .filter((y) => y < 2n ** 255n)
      .flatMap((y) => [y, y + 2n ** 255n])
    for (const encoding of encodings) {
      expect(isAcceptablePublicKey(encodeNumber(encoding))).toBe(false)
    }
  })

  test('that is not reduced is refused', () => {
    for (let y = fieldPrime; y < 2n ** 255n; y += 1n) {
      expect(isAcceptablePublicKey(encodeNumber(y))).toBe(false)
      expect(isAcceptablePublicKey(encodeNumber(y + 2n ** 255n))).toBe(false)
    }
  })

  test('that signs is accepted', () => {
    for (let i = 1; i < 50; i += 1) {
      expect(isAcceptablePublicKey(ed25519Signer(keyOf(i)).publicKey)).toBe(true)
    }
    expect(isAcceptablePublicKey(signer.publicKey.subarray(1))).toBe(false)
  })
})

interface Wycheproof {
  readonly testGroups: readonly {
    readonly publicKey: { readonly pk: string }
    readonly tests: readonly {
      readonly tcId: number
      readonly comment: string
      readonly msg: string
      readonly sig: string
      readonly result: string
    }[]
  }[]
}

describeWith(['conformance'], 'the Wycheproof vectors', () => {
  test.each(backends)('get their verdict from %s', async (_, backend) => {
    const verify = await backend()
    const path = join(conformanceDirectory(), 'wycheproof/ed25519_test.json')
    const { testGroups }: Wycheproof = JSON.parse(readFileSync(path, 'utf8'))
    let count = 0
    for (const { publicKey, tests } of testGroups) {
      for (const { tcId, comment, msg, sig, result } of tests) {
        const ok = await verify(hex(publicKey.pk), hex(msg), hex(sig))
        expect(`${tcId} ${comment}: ${ok}`).toBe(`${tcId} ${comment}: ${result === 'valid'}`)
        count += 1
      }
    }
    expect(count).toBe(151)
  })
})
