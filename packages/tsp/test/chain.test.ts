import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renewalMessage } from '../src/chain/message.ts'
import { writeOctets, writeSequence } from '../src/der-write.ts'
import {
  type ChainOptions,
  encodeTimestampChain,
  parseTimestampChain,
  type RenewOptions,
  renewTimestamps,
  type TimestampChain,
  verifyTimestampChain,
} from '../src/index.ts'
import { data, digestIdentifier, forge, genTime, hash, info, trust } from './forge.ts'
import { revocationList, revoked, rootCa, stamper } from './pki.ts'

/** Authorities of three generations; each certificate ends soon after the next begins. */
const [first, second, third] = ['25', '26', '27'].map((year) => {
  const anchor = rootCa({ subject: `root ${year}` })
  const notAfter = `${Number(year) + 1}0601000000Z`
  const signer = stamper(anchor, { subject: `stamper ${year}`, notAfter })
  return { year, anchor, signer, authority: trust(anchor, { name: `a${year}` }) }
})
if (first === undefined || second === undefined || third === undefined) throw new Error()
const generations = [first, second, third]
const authorities = generations.map(({ authority }) => authority)

type Generation = typeof first
const names = { 32: 'sha256', 48: 'sha384', 64: 'sha512' } as const

/** A token over a digest, of the first second of March of that year unless told otherwise. */
function stamp({ signer, year }: Generation, digest: Uint8Array, time = '0301000000'): Uint8Array {
  const name = digest.length === 32 ? names[32] : digest.length === 48 ? names[48] : names[64]
  const imprint = writeSequence(digestIdentifier(name), writeOctets(digest))
  return forge({
    signer,
    info: info({ imprint, genTime: genTime(`20${year}${time}Z`), tsa: undefined }),
  })
}

const start: TimestampChain = {
  links: [{ revocation: [], tokens: [stamp(first, hash('sha256', data))] }],
}
const rules: ChainOptions = { data, authorities, threshold: 1 }
const renew = (chain: TimestampChain, by: Generation, change: Partial<RenewOptions> = {}) =>
  renewTimestamps({
    ...{ chain, data, authorities, threshold: 1 },
    now: new Date(`20${by.year}-03-01T00:00:00Z`),
    stamp: async (imprint) => [stamp(by, imprint)],
    ...change,
  })

describe('a renewed chain', () => {
  it('holds after the certificates and windows of its older tokens have ended', async () => {
    const once = await renew(start, second)
    const twice = await renew(once, third, { algorithm: 'SHA-256' })
    expect(twice.links).toHaveLength(3)
    const verdict = await verifyTimestampChain(twice, rules)
    expect(verdict).toMatchObject({ ok: true, genTimeText: '2025-03-01T00:00:00Z', warnings: [] })
    expect(verdict.links.map(({ genTimeText }) => genTimeText?.slice(0, 4))).toEqual([
      ...['2025', '2026', '2027'],
    ])
    // As of a day on which the newest certificate has expired, it no longer does.
    const late = await verifyTimestampChain(twice, { ...rules, at: new Date('2028-06-02') })
    expect(late.ok).toBe(false)
    expect(late.links.at(-1)?.tokens[0]?.checks).toContainEqual(
      expect.objectContaining({ id: 'token.in-time', status: 'fail' }),
    )
  })

  it('is renewed over a stream or digests as over data', async () => {
    const stream = new Blob([new Uint8Array(data)]).stream()
    const digests = [hash('sha256', data), hash('sha512', data)]
    for (const subject of [{ stream }, { digests }]) {
      const chain = await renew(start, second, { data: undefined, ...subject })
      expect((await verifyTimestampChain(chain, rules)).ok).toBe(true)
    }
    const few = renew(start, second, { data: undefined, digests: digests.slice(0, 1) })
    await expect(few).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  it('stamps a text that anyone can write again', async () => {
    const { tokens } = start.links[0] ?? { tokens: [] }
    const list = Uint8Array.of(1)
    const older = [...start.links, { revocation: [Uint8Array.of(2)], tokens: [Uint8Array.of(3)] }]
    const message = await renewalMessage(older, [list], hash('sha256', data), 'SHA-256')
    const hex = (bytes: Uint8Array) => Buffer.from(hash('sha256', bytes)).toString('hex')
    expect(new TextDecoder().decode(message)).toBe(
      [
        ...['vaultmesh-timestamp-renewal/v0', 'digest SHA-256', `data ${hex(data)}`],
        ...['link 0', `token ${hex(tokens[0] ?? data)}`],
        ...['link 1', `crl ${hex(Uint8Array.of(2))}`, `token ${hex(Uint8Array.of(3))}`],
        ...['link 2', `crl ${hex(list)}`, ''],
      ].join('\n'),
    )
  })

  it('fails where anything of it is changed, left out or put in', async () => {
    const lists = [revocationList({ issuer: first.anchor, nextUpdate: '270301000000Z' })]
    const chain = await renew(await renew(start, second, { keep: lists }), third)
    expect((await verifyTimestampChain(chain, rules)).ok).toBe(true)
    const [zero, one, two] = chain.links
    if (zero === undefined || one === undefined || two === undefined) throw new Error()
    const other = stamp(first, hash('sha256', data), '0301000001')
    const changed: TimestampChain[] = [
      { links: [] },
      { links: [one, two] },
      { links: [zero, two] },
      { links: [zero, two, one] },
      { links: [{ ...zero, tokens: [other] }, one, two] },
      { links: [{ ...zero, tokens: [...zero.tokens, other] }, one, two] },
      { links: [zero, { ...one, revocation: [] }, two] },
      { links: [zero, one, { ...two, revocation: lists }] },
      { links: [zero, one, { ...two, tokens: [] }] },
    ]
    for (const [index, each] of changed.entries()) {
      expect((await verifyTimestampChain(each, rules)).ok, `${index}`).toBe(false)
    }
    const elsewhere = { ...rules, data: Uint8Array.of(1) }
    expect((await verifyTimestampChain(chain, elsewhere)).ok).toBe(false)
    const digests = [hash('sha256', data)]
    const few = { ...rules, data: undefined, digests }
    expect((await verifyTimestampChain(chain, few)).ok).toBe(false)
  })

  it('fails where a link was put on too late', async () => {
    const message = await renewalMessage(start.links, [], hash('sha512', data), 'SHA-512')
    const late = stamp(second, hash('sha512', message), '0601000001')
    const chain = { links: [...start.links, { revocation: [], tokens: [late] }] }
    const verdict = await verifyTimestampChain(chain, rules)
    expect(verdict.ok).toBe(false)
    expect(verdict.links[0]?.tokens[0]?.checks).toContainEqual(
      expect.objectContaining({ id: 'token.in-time', status: 'fail' }),
    )
  })
})

describe('revocation', () => {
  const listing = (at: string) =>
    revocationList({
      issuer: first.anchor,
      thisUpdate: '260201000000Z',
      nextUpdate: '270301000000Z',
      entries: [revoked(first.signer, at, 1)],
    })

  it('of before the renewal harms, if it was kept or the caller knows of it', async () => {
    const list = listing('260101000000Z')
    await expect(renew(start, second, { keep: [list] })).rejects.toMatchObject({
      code: 'RENEWAL_REFUSED',
      message: expect.stringContaining('token.revocation'),
    })
    const chain = await renew(start, second)
    const known = { ...rules, revocation: { lists: [list], required: false } }
    expect((await verifyTimestampChain(chain, known)).ok).toBe(false)
    expect((await verifyTimestampChain(chain, rules)).ok).toBe(true)
  })

  it('of after the renewal does not: the key was still good when others saw its token', async () => {
    const chain = await renew(start, second)
    const later = { lists: [listing('260401000000Z')], required: false }
    expect((await verifyTimestampChain(chain, { ...rules, revocation: later })).ok).toBe(true)
    // A token that was not renewed falls.
    expect((await verifyTimestampChain(start, { ...rules, revocation: later })).ok).toBe(false)
  })

  it('is shown to be none by the lists that were kept, where the caller asks for it', async () => {
    const list = revocationList({
      ...{ issuer: first.anchor, thisUpdate: '260201000000Z', nextUpdate: '270301000000Z' },
    })
    const own = revocationList({ issuer: second.anchor, nextUpdate: '280101000000Z' })
    const chain = await renew(start, second, { keep: [list] })
    const asked = { ...rules, revocation: { lists: [own] } }
    expect((await verifyTimestampChain(chain, asked)).ok).toBe(true)
    const without = await renew(start, second)
    expect((await verifyTimestampChain(without, asked)).ok).toBe(false)
  })
})

describe('a renewal is refused', () => {
  const cases: [string, Partial<RenewOptions>, RegExp][] = [
    [
      'for a chain that has expired',
      { now: new Date('2026-06-01T00:00:01Z') },
      /does not hold any more: link 0: token\.in-time/,
    ],
    ['for a chain over other data', { data: Uint8Array.of(1) }, /link 0: token\.imprint/],
    ['for a chain of nothing', { chain: { links: [] } }, /link -1/],
    [
      'with tokens over something else',
      { stamp: async () => [stamp(second, hash('sha256', data))] },
      /do not renew it: link 1: token\.imprint/,
    ],
    ['with no tokens', { stamp: async () => [] }, /link 1: quorum\.threshold/],
    [
      'with too many tokens',
      {
        stamp: async (imprint) => Array.from({ length: 17 }, () => stamp(second, imprint)),
      },
      /too many/,
    ],
    [
      'with a token of an authority that nobody trusts',
      { authorities: [first.authority] },
      /link 1: token\.anchor/,
    ],
  ]
  it.each(cases)('%s', async (_what, change, message) => {
    await expect(renew(start, second, change)).rejects.toMatchObject({
      code: 'RENEWAL_REFUSED',
      message: expect.stringMatching(message),
    })
  })

  it('today, for a chain that has expired by the clock of the machine', async () => {
    const signer = stamper(first.anchor, { notAfter: '250601000000Z' })
    const token = stamp({ ...first, signer }, hash('sha256', data))
    const chain = { links: [{ revocation: [], tokens: [token] }] }
    await expect(renew(chain, second, { now: undefined })).rejects.toMatchObject({
      code: 'RENEWAL_REFUSED',
    })
  })

  it('with what the caller throws, unchanged', async () => {
    const failing = renew(start, second, { stamp: () => Promise.reject(new Error('offline')) })
    await expect(failing).rejects.toThrow('offline')
  })
})

describe('the file of a chain', () => {
  const bytes = fc.uint8Array({ minLength: 0, maxLength: 30 })
  const link = fc.record({
    revocation: fc.array(bytes, { maxLength: 3 }),
    tokens: fc.array(bytes, { minLength: 1, maxLength: 3 }),
  })
  const chains = fc
    .array(link, { minLength: 1, maxLength: 4 })
    .map((links) => ({ links: links.map((l, i) => (i === 0 ? { ...l, revocation: [] } : l)) }))

  it('property: is read as it was written', () => {
    fc.assert(
      fc.property(chains, (chain) => {
        expect(parseTimestampChain(encodeTimestampChain(chain))).toEqual({ ok: true, chain })
      }),
    )
  })

  it('property: has one form, and nothing makes its reader throw', () => {
    const text = new TextDecoder().decode(encodeTimestampChain(start))
    const edited = fc
      .tuple(fc.nat(text.length), fc.nat(3), fc.string({ maxLength: 3 }))
      .map(([at, remove, put]) => text.slice(0, at) + put + text.slice(at + remove))
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), edited), (any) => {
        const encoded = new TextEncoder().encode(any)
        const parsed = parseTimestampChain(encoded)
        if (parsed.ok) expect(encodeTimestampChain(parsed.chain)).toEqual(encoded)
        else expect(parsed.code).toBe('NOT_A_CHAIN')
      }),
    )
  })

  it('is canonical JSON with the members in order', () => {
    const chain = {
      links: [
        { revocation: [], tokens: [Uint8Array.of(1)] },
        { revocation: [Uint8Array.of(2)], tokens: [Uint8Array.of(3, 4)] },
      ],
    }
    expect(new TextDecoder().decode(encodeTimestampChain(chain))).toBe(
      '{"links":[{"tokens":["AQ=="]},{"revocation":["Ag=="],"tokens":["AwQ="]}],"mediaType":"application/vnd.vaultmesh.timestamp-chain.v0+json"}',
    )
  })

  const mediaType = '"mediaType":"application/vnd.vaultmesh.timestamp-chain.v0+json"'
  it.each([
    ['another media type', '{"links":[{"tokens":["AQ=="]}],"mediaType":"text/plain"}'],
    ['an unknown member', `{"a":1,"links":[{"tokens":["AQ=="]}],${mediaType}}`],
    ['no links', `{"links":[],${mediaType}}`],
    ['too many links', `{"links":[${Array(65).fill('{"tokens":["AQ=="]}').join()}],${mediaType}}`],
    ['a link without tokens', `{"links":[{"tokens":[]}],${mediaType}}`],
    ['a link that is none', `{"links":[null],${mediaType}}`],
    ['a token that is none', `{"links":[{"tokens":[1]}],${mediaType}}`],
    [
      'lists in the first link',
      `{"links":[{"revocation":["AQ=="],"tokens":["AQ=="]}],${mediaType}}`,
    ],
    ['stray bits', `{"links":[{"tokens":["AR=="]}],${mediaType}}`],
    ['a member twice', `{"links":[{"tokens":["AQ=="],"tokens":["AQ=="]}],${mediaType}}`],
    ['a line end', `{"links":[{"tokens":["AQ=="]}],${mediaType}}\n`],
    ['a large token', `{"links":[{"tokens":["${'A'.repeat(87_384)}"]}],${mediaType}}`],
  ])('is refused with %s', (_what, text) => {
    const parsed = parseTimestampChain(new TextEncoder().encode(text))
    expect(parsed).toMatchObject({ ok: false, code: 'NOT_A_CHAIN' })
  })

  it('is refused if it is too large, or no UTF-8', () => {
    expect(parseTimestampChain(new Uint8Array(8_388_609))).toMatchObject({ code: 'TOO_LARGE' })
    expect(parseTimestampChain(Uint8Array.of(0xff))).toMatchObject({ code: 'NOT_A_CHAIN' })
  })
})
