import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DigestName } from '../src/digest.ts'
import { createSha2 } from '../src/sha2.ts'
import { digestStream } from '../src/stream.ts'
import { data, forge, hash, imprintOf, info, notPassed, verify } from './forge.ts'

const names = ['SHA-256', 'SHA-384', 'SHA-512'] as const

/** The bytes in pieces of `size`. */
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

describe.each(names)('%s piece by piece', (name) => {
  const expected = (bytes: Uint8Array) => new Uint8Array(createHash(name).update(bytes).digest())

  it('is that of the whole, at every length around the ends of a block', () => {
    for (let length = 0; length < 300; length += 1) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff)
      const own = createSha2(name)
      own.update(bytes)
      expect(own.digest()).toEqual(expected(bytes))
    }
  })

  it('property: is that of the whole, however it is cut', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 })), async (pieces) => {
        const own = createSha2(name)
        for (const piece of pieces) own.update(piece)
        expect(own.digest()).toEqual(expected(Buffer.concat(pieces)))
      }),
    )
  })
})

describe('a stream', () => {
  const options = (change: object) => ({ data: undefined, ...change })

  it.each(names)('is compared with a token by %s', async (name) => {
    const short = name.replace('-', '').toLowerCase() as 'sha256' | 'sha384' | 'sha512'
    const token = forge({ info: info({ imprint: imprintOf(short) }) })
    const good = await verify(token, options({ stream: inPieces(data, 4) }))
    expect(notPassed(good)).toEqual([])
    const bad = await verify(token, options({ stream: inPieces(data.subarray(1), 4) }))
    expect(notPassed(bad)).toEqual(['token.imprint fail'])
  })

  it('may be a ReadableStream, with or without iteration, and is given back unlocked', async () => {
    const stream = new Blob([new Uint8Array(data)]).stream()
    expect(notPassed(await verify(forge(), options({ stream })))).toEqual([])
    expect(stream.locked).toBe(false)
  })

  it('may be hashed by a hash of the caller', async () => {
    const made: DigestName[] = []
    const counted = (name: DigestName) => {
      made.push(name)
      return createHash(name)
    }
    const verdict = await verify(
      forge(),
      options({ stream: inPieces(data, 3), createHash: counted }),
    )
    expect(notPassed(verdict)).toEqual([])
    expect(made).toEqual(['SHA-256'])
  })

  it('is held to every other thing that is given with it', async () => {
    const both = { stream: inPieces(data, 3), digest: hash('sha256', Uint8Array.of(1)) }
    expect(notPassed(await verify(forge(), options(both)))).toEqual(['token.imprint fail'])
    const other = await verify(forge(), { stream: inPieces(Uint8Array.of(1), 1) })
    expect(notPassed(other)).toEqual(['token.imprint fail'])
  })

  it('passes on what it throws, and is refused where it gives no bytes', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield data
      throw new Error('the disk is gone')
    }
    await expect(verify(forge(), options({ stream: broken() }))).rejects.toThrow('the disk is gone')
    const text = new Blob(['text']).stream().pipeThrough(new TextDecoderStream())
    await expect(verify(forge(), options({ stream: text }))).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
  })

  it('is read once for several algorithms', async () => {
    const digests = await digestStream(inPieces(data, 2), names)
    expect(digests).toEqual(names.map((name) => hash(name, data)))
  })
})
