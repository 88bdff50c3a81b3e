import { decodeUtf8, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { encodeEntry, maxEntryBytes, parseEntry, preAuthenticationEncoding } from '../src/index.ts'
import { makeEntry } from './kit/scene.ts'

let real: Uint8Array
beforeAll(async () => {
  real = encodeEntry(await makeEntry())
})

type Json = { [name: string]: Json } & { [index: number]: Json } & unknown

/** The real entry with one change, canonical again. */
function changed(change: (entry: Json) => void): Uint8Array {
  const value = JSON.parse(decodeUtf8(real) ?? '')
  change(value)
  return encodeUtf8(JSON.stringify(value))
}

test('the PAE is that of DSSE v1', () => {
  // The example of the DSSE protocol page.
  expect(
    decodeUtf8(
      preAuthenticationEncoding(encodeUtf8('hello world'), 'http://example.com/HelloWorld'),
    ),
  ).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world')
  expect(decodeUtf8(preAuthenticationEncoding(encodeUtf8('ö')))).toBe(
    'DSSEv1 28 application/vnd.in-toto+json 2 ö',
  )
})

describe('parseEntry', () => {
  it('reads back what is written', () => {
    const read = parseEntry(real)
    expect(read.ok && encodeEntry(read.value)).toEqual(real)
  })

  const hex = 'ab'.repeat(32)
  test.each<[string, (entry: Json) => void]>([
    ['an unknown member of the entry', (e) => Object.assign(e, { zz: 1 })],
    ['an unknown member of the envelope', (e) => Object.assign(e['envelope'] ?? {}, { zz: 1 })],
    [
      'an unknown member of a signature',
      (e) => Object.assign(e['envelope']?.['signatures']?.[0] ?? {}, { zz: 1 }),
    ],
    [
      'an unknown member of a timestamp',
      (e) => Object.assign(e['timestamps']?.[0] ?? {}, { zz: 1 }),
    ],
    [
      'another payloadType',
      (e) => Object.assign(e['envelope'] ?? {}, { payloadType: 'text/plain' }),
    ],
    ['an empty payload', (e) => Object.assign(e['envelope'] ?? {}, { payload: '' })],
    ['no signature', (e) => Object.assign(e['envelope'] ?? {}, { signatures: [] })],
    [
      'a token over a signature that is not there',
      (e) => Object.assign(e['timestamps']?.[0] ?? {}, { over: 1 }),
    ],
    [
      'a token over half a signature',
      (e) => Object.assign(e['timestamps']?.[0] ?? {}, { over: 0.5 }),
    ],
    ['a token over a text', (e) => Object.assign(e['timestamps']?.[0] ?? {}, { over: '0' })],
    ['an empty token', (e) => Object.assign(e['timestamps']?.[0] ?? {}, { der: '' })],
    ['timestamps that are no list', (e) => Object.assign(e, { timestamps: {} })],
    [
      'a signature that is not 64 bytes',
      (e) => Object.assign(e['envelope']?.['signatures']?.[0] ?? {}, { sig: 'AAAA' }),
    ],
    [
      'an unknown algorithm',
      (e) => Object.assign(e['envelope']?.['signatures']?.[0] ?? {}, { keyid: `rsa:${hex}` }),
    ],
    [
      'a keyid in capitals',
      (e) =>
        Object.assign(e['envelope']?.['signatures']?.[0] ?? {}, {
          keyid: `ed25519:${hex.toUpperCase()}`,
        }),
    ],
    [
      'a keyid that is no text',
      (e) => Object.assign(e['envelope']?.['signatures']?.[0] ?? {}, { keyid: 1 }),
    ],
    [
      'a short OpenPGP fingerprint',
      (e) =>
        Object.assign(e['envelope']?.['signatures']?.[0] ?? {}, {
          keyid: 'openpgp:abcdef0123456789',
        }),
    ],
  ])('refuses %s', (_, change) => {
    expect(parseEntry(real).ok).toBe(true)
    expect(parseEntry(changed(change))).toMatchObject({ ok: false })
  })

  it('refuses two signatures with one keyid, and nine signatures', () => {
    const copies = (count: number, same: boolean) =>
      changed((e) => {
        const one = e['envelope']?.['signatures']?.[0]
        const keyid = (i: number) => `ed25519:${(same ? 1 : i).toString(16).padStart(64, '0')}`
        const signatures = Array.from({ length: count }, (_, i) => ({ ...one, keyid: keyid(i) }))
        Object.assign(e['envelope'] ?? {}, { signatures })
      })
    expect(parseEntry(copies(8, false)).ok).toBe(true)
    expect(parseEntry(copies(9, false)).ok).toBe(false)
    expect(parseEntry(copies(2, true)).ok).toBe(false)
  })

  it('refuses 17 tokens', () => {
    const tokens = (count: number) =>
      changed((e) => Object.assign(e, { timestamps: Array(count).fill({ der: 'AA==', over: 0 }) }))
    expect(parseEntry(tokens(16)).ok).toBe(true)
    expect(parseEntry(tokens(17)).ok).toBe(false)
  })

  it('refuses more than 65,535 bytes', () => {
    const padded = (length: number) =>
      changed((e) => Object.assign(e['envelope'] ?? {}, { payload: 'AAAA'.repeat(length) }))
    const least = padded(0).length
    const most = Math.floor((maxEntryBytes - least) / 4)
    expect(parseEntry(padded(most)).ok).toBe(true)
    expect(parseEntry(padded(most + 1))).toMatchObject({ ok: false })
  })

  it('never throws, and takes no bytes but those that it would write', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(255), (at, byte) => {
        const bytes = real.slice()
        bytes[at % bytes.length] = byte
        const read = parseEntry(bytes)
        expect(read.ok ? encodeEntry(read.value) : bytes).toEqual(bytes)
      }),
    )
  })
})
