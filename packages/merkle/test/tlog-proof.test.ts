import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBase64, maxUint64 } from '../src/bytes.ts'
import { formatTlogProof, parseTlogProof, type TlogProof } from '../src/tlog-proof.ts'
import { codeOf, realCheckpoint } from './support.ts'

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const proof: fc.Arbitrary<TlogProof> = fc.record(
  {
    index: fc.bigInt({ min: 0n, max: maxUint64 }),
    hashes: fc.array(hash, { maxLength: 64, size: '+1' }),
    extra: fc.uint8Array({ minLength: 1, maxLength: 90 }),
    checkpoint: fc.constant(realCheckpoint),
  },
  { requiredKeys: ['index', 'hashes', 'checkpoint'] },
)

const one = encodeBase64(new Uint8Array(32))
const head = 'c2sp.org/tlog-proof@v1\n'

describe('a tlog-proof', () => {
  test('comes back after writing', () => {
    fc.assert(
      fc.property(proof, (given) => {
        expect(parseTlogProof(formatTlogProof(given))).toEqual({ ok: true, proof: given })
      }),
    )
  })

  test('is written as the specification says', () => {
    const extra = Uint8Array.of(1)
    const hashes = [new Uint8Array(32)]
    expect(formatTlogProof({ index: 73_894n, hashes, extra, checkpoint: realCheckpoint })).toBe(
      `${head}extra AQ==\nindex 73894\n${one}\n\n${realCheckpoint}`,
    )
    expect(formatTlogProof({ index: 0n, hashes: [], checkpoint: realCheckpoint })).toBe(
      `${head}index 0\n\n${realCheckpoint}`,
    )
  })

  test('of the specification is read, with a checkpoint in the place of its shortened one', () => {
    const text = `${head}index 73894
gSKyXoYZUgZ6jduWYrkDOARinOMGJveXjgMkBTcdPlQ=
B95lDa8R83lS8n0eG+o0buTxRKQTYFi//1U8anccXmA=
EKNzoDWG8LGC0Yp9o+sv3qllpMP9uHQ9B20KNL+Q1zs=
RoopEkOdqkYqMB4MJXrbt/hMjOxsVn0IrWjpz1ZMMes=
AHCioX9nLjsrse6YhjRRmk1WUEirVOLLRoOQ6vfO5vk=

${realCheckpoint}`
    const parsed = parseTlogProof(text)
    if (!parsed.ok) throw new Error(parsed.detail)
    expect(parsed.proof.index).toBe(73_894n)
    expect(parsed.proof.hashes).toHaveLength(5)
    expect(formatTlogProof(parsed.proof)).toBe(text)
  })

  test('after any change is refused or comes back', () => {
    const text = `${head}extra AQ==\nindex 73894\n${one}\n\n${realCheckpoint}`
    const piece = fc.constantFrom('', '0', '=', '+', ' ', '\n', '\t', 'é', 'A', 'index', '— ')
    fc.assert(
      fc.property(fc.nat(text.length), fc.nat(3), piece, (at, removed, added) => {
        const changed = text.slice(0, at) + added + text.slice(at + removed)
        const parsed = parseTlogProof(changed)
        if (parsed.ok) expect(formatTlogProof(parsed.proof)).toBe(changed)
      }),
      { numRuns: 500 },
    )
  })

  test.each([
    ['nothing', ''],
    ['no checkpoint', `${head}index 0\n`],
    ['an empty checkpoint', `${head}index 0\n\n`],
    ['another version', `c2sp.org/tlog-proof@v2\nindex 0\n\n${realCheckpoint}`],
    ['no index', `${head}\n${realCheckpoint}`],
    ['a leading zero', `${head}index 00\n\n${realCheckpoint}`],
    ['an index above 64 bits', `${head}index 18446744073709551616\n\n${realCheckpoint}`],
    ['two indexes', `${head}index 0\nindex 0\n\n${realCheckpoint}`],
    ['extra after the index', `${head}index 0\nextra AQ==\n\n${realCheckpoint}`],
    ['two extras', `${head}extra AQ==\nextra AQ==\nindex 0\n\n${realCheckpoint}`],
    ['an empty extra', `${head}extra \nindex 0\n\n${realCheckpoint}`],
    ['extra that is not base64', `${head}extra AQ\nindex 0\n\n${realCheckpoint}`],
    ['a short hash', `${head}index 0\nAQ==\n\n${realCheckpoint}`],
    ['65 hashes', `${head}index 0\n${`${one}\n`.repeat(65)}\n${realCheckpoint}`],
    ['a carriage return', `${head}index 0\r\n\n${realCheckpoint}`],
    ['a checkpoint without signature', `${head}index 0\n\na\n0\n${one}\n`],
    ['a note that is no checkpoint', `${head}index 0\n\ntext\n\n— a AAAAAQI=\n`],
    ['a byte order mark', `\ufeff${head}index 0\n\n${realCheckpoint}`],
    ['too many bytes', 'a'.repeat(3 * 1024 * 1024)],
  ])('is refused for %s', (_, text) => {
    expect(parseTlogProof(text)).toMatchObject({ ok: false, code: 'MALFORMED' })
  })

  test('can not be written where it would be read differently', () => {
    const given = { index: 0n, hashes: [], checkpoint: realCheckpoint }
    for (const wrong of [
      { ...given, index: -1n },
      { ...given, hashes: [new Uint8Array(31)] },
      { ...given, hashes: Array(65).fill(new Uint8Array(32)) },
      { ...given, extra: new Uint8Array() },
      { ...given, checkpoint: 'nothing' },
    ]) {
      expect(codeOf(() => formatTlogProof(wrong))).toBe('INVALID_PROOF')
    }
  })
})
