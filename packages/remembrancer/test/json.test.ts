import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeUtf8, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { conformanceDirectory, itWith } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { maxDepth, readCanonicalJson, writeCanonicalJson } from '../src/formats/json.ts'

const limit = 1024 * 1024

function read(text: string): unknown {
  const result = readCanonicalJson(encodeUtf8(text), limit)
  return result.ok ? result.value : result.problem
}

describe('readCanonicalJson', () => {
  test.each([
    ['a duplicate key', '{"a":1,"a":2}'],
    ['a space', '{"a": 1}'],
    ['a trailing newline', '{"a":1}\n'],
    ['keys out of order', '{"b":1,"a":2}'],
    ['a number that a double can not hold', '9007199254740993'],
    ['a number written at length', '1.0'],
    ['a number with an exponent too many', '1e0'],
    ['minus zero', '-0'],
    ['an infinite number', '1e999'],
    ['a lone surrogate, escaped', '"\\ud800"'],
    ['an escape that is not needed', '"\\u0061"'],
    ['an escaped slash', '"\\/"'],
  ])('refuses %s', (_, text) => {
    expect(read(text)).toBe('not canonical JSON (RFC 8785)')
  })

  test.each([
    ['nothing', ''],
    ['half a value', '{"a":'],
    ['two values', '1 2'],
    ['a byte order mark', '\ufeff{}'],
    ['a comment', '{}//'],
  ])('refuses %s', (_, text) => {
    expect(read(text)).toBe('not JSON')
  })

  it('refuses bytes that are not UTF-8', () => {
    expect(readCanonicalJson(Uint8Array.of(0x22, 0xff, 0x22), limit)).toEqual({
      ok: false,
      problem: 'not UTF-8',
    })
  })

  it('takes 32 levels and refuses 33', () => {
    expect(maxDepth).toBe(32)
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
    expect(read(nested(32))).toHaveLength(1)
    expect(read(nested(33))).toBe('nested more than 32 deep')
    expect(read(`{"a":${nested(32)}}`)).toBe('nested more than 32 deep')
  })

  it('does not count brackets inside strings', () => {
    const text = JSON.stringify(`${'['.repeat(40)}\\"`)
    expect(read(text)).toBe(JSON.parse(text))
  })

  it('finds where a string ends, and counts the brackets after it', () => {
    const part = fc.constantFrom('\\', '"', '[', '{', 'a')
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const text = JSON.stringify(parts.join(''))
        const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
        expect(read(`[${text},${nested(31)}]`)).toHaveLength(2)
        expect(read(`[${text},${nested(32)}]`)).toBe('nested more than 32 deep')
      }),
    )
  })

  it('refuses a million brackets without running out of stack', () => {
    expect(read('['.repeat(1_000_000))).toBe('nested more than 32 deep')
  })

  it('refuses one byte too many', () => {
    expect(readCanonicalJson(encodeUtf8('12345'), 5)).toEqual({ ok: true, value: 12345 })
    expect(readCanonicalJson(encodeUtf8('12345'), 4)).toMatchObject({ ok: false })
  })

  it('keeps a member named __proto__ as a member', () => {
    const value = read('{"__proto__":{"polluted":1}}')
    expect(Object.keys(Object(value))).toEqual(['__proto__'])
    expect('polluted' in {}).toBe(false)
  })
})

describe('reading and writing', () => {
  it('gives back every value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 8 }), (value) => {
        const bytes = writeCanonicalJson(value)
        const result = readCanonicalJson(bytes, limit)
        expect(result.ok && writeCanonicalJson(result.value)).toEqual(bytes)
      }),
    )
  })

  it('takes no bytes but those that it would write', () => {
    const changes = fc.tuple(fc.nat(), fc.constantFrom(0x20, 0x22, 0x30, 0x5c, 0x7b, 0x80))
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), changes, (value, [at, byte]) => {
        const bytes = writeCanonicalJson(value)
        bytes[at % bytes.length] = byte
        const result = readCanonicalJson(bytes, limit)
        expect(!result.ok || decodeUtf8(writeCanonicalJson(result.value))).toBe(
          !result.ok || decodeUtf8(bytes),
        )
      }),
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(typeof readCanonicalJson(bytes, limit).ok).toBe('boolean')
      }),
    )
  })

  it('refuses to write what JSON can not hold', () => {
    expect(() => writeCanonicalJson('\ud800')).toThrow(TypeError)
    expect(() => writeCanonicalJson(undefined)).toThrow(TypeError)
    expect(() => writeCanonicalJson({ n: Number.NaN })).toThrow(TypeError)
  })

  itWith(['conformance'], 'agrees with the vectors of RFC 8785', () => {
    const folder = join(conformanceDirectory(), 'jcs')
    const names = readdirSync(join(folder, 'input'))
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) {
      const expected = readFileSync(join(folder, 'output', name))
      const input: unknown = JSON.parse(readFileSync(join(folder, 'input', name), 'utf8'))
      expect(Buffer.from(writeCanonicalJson(input)), name).toEqual(expected)
      expect(readCanonicalJson(expected, limit).ok, name).toBe(true)
    }
  })
})
