import { describe, expect, it } from 'vitest'
import { verifyQuorum } from '../src/index.ts'
import type { QuorumOptions } from '../src/quorum.ts'
import type { TimeAuthority } from '../src/verdict.ts'
import { data, forge, genTime, hash, imprintOf, info, trust } from './forge.ts'
import {
  caConstraints,
  certificate,
  ecKey,
  rootCa,
  stamper,
  type TestCertificate,
  usage,
} from './pki.ts'

interface Party {
  readonly anchor: TestCertificate
  readonly signer: TestCertificate
  readonly authority: TimeAuthority
}

function party(name: string, change: Partial<TimeAuthority> = {}, anchor = rootCa()): Party {
  return { anchor, signer: stamper(anchor), authority: trust(anchor, { name, ...change }) }
}

const [a, b, c] = [party('a'), party('b'), party('c')]
const noon = (seconds: number) =>
  genTime(
    `20250102${new Date(43_200_000 + seconds * 1000).toISOString().slice(11, 19).replaceAll(':', '')}Z`,
  )
const stamp = ({ signer }: Party, seconds = 0, change: object = {}) =>
  forge({ signer, info: info({ genTime: noon(seconds), tsa: undefined, ...change }) })

const judge = (tokens: Uint8Array[], change: Partial<QuorumOptions> = {}) =>
  verifyQuorum(tokens, {
    ...{ data, threshold: 2, maxSkew: 60_000 },
    authorities: [a.authority, b.authority, c.authority],
    ...change,
  })

const statuses = (verdict: Awaited<ReturnType<typeof judge>>) =>
  verdict.checks.map(({ status }) => status)

describe('a quorum', () => {
  it('is of authorities, and gives the latest of the times that agree', async () => {
    const verdict = await judge([stamp(b, 20), stamp(a)])
    expect(verdict).toMatchObject({
      ...{ ok: true, authorities: ['a', 'b'], genTimeText: '2025-01-02T12:00:20Z', warnings: [] },
    })
    expect(verdict.genTime).toEqual(new Date('2025-01-02T12:00:20Z'))
    expect(verdict.tokens.map(({ ok }) => ok)).toEqual([true, true])
  })

  it('is not reached by one authority, whatever it says how often', async () => {
    for (const tokens of [[], [stamp(a)], [stamp(a), stamp(a, 1), stamp(a, 2)]]) {
      const verdict = await judge(tokens)
      expect(verdict.ok).toBe(false)
      expect(verdict.genTime).toBeUndefined()
      expect(statuses(verdict)).toEqual(['fail', 'skipped'])
    }
    const same = stamp(a)
    expect((await judge([same, same])).ok).toBe(false)
  })

  it('counts entries of one name once: an authority with its history', async () => {
    const newer = party('a')
    const authorities = [a.authority, newer.authority]
    const tokens = [stamp(a), stamp(newer)]
    expect(statuses(await judge(tokens, { authorities }))).toEqual(['fail', 'skipped'])
  })

  it('counts one signer key once, under whatever names and anchors', async () => {
    const again = { ...b, signer: stamper(b.anchor, { key: a.signer.key }) }
    expect(statuses(await judge([stamp(a), stamp(again)]))).toEqual(['fail', 'skipped'])
  })

  it('counts the authorities under one CA key once: who holds it can be all of them', async () => {
    const twin = party('b', {}, a.anchor)
    const pins = [twin.signer.pin]
    const authorities = [
      { ...a.authority, pins: [a.signer.pin] },
      { ...twin.authority, pins },
    ]
    const tokens = [stamp(a), stamp(twin)]
    const verdict = await judge(tokens, { authorities })
    expect(verdict.tokens.map(({ authority }) => authority?.name)).toEqual(['a', 'b'])
    expect(statuses(verdict)).toEqual(['fail', 'skipped'])
    const key = ecKey()
    const middle = (signer: TestCertificate) =>
      certificate({
        subject: 'middle',
        key,
        signer,
        extensions: [caConstraints(), usage.keyCertSign],
      })
    const below = [a, b].map(({ anchor }) => {
      const ca = middle(anchor)
      const signer = stamper(ca)
      return forge({ signer, certificates: [signer.der, ca.der], info: info({ tsa: undefined }) })
    })
    expect(statuses(await judge(below))).toEqual(['fail', 'skipped'])
  })

  it('joins two that seemed different once a third shows that they are one', async () => {
    const link = { ...c, signer: stamper(a.anchor, { key: b.signer.key }) }
    expect((await judge([stamp(a), stamp(b)])).ok).toBe(true)
    expect(statuses(await judge([stamp(a), stamp(b), stamp(link)]))).toEqual(['fail', 'skipped'])
  })

  it('does not count a token that does not hold, and says so', async () => {
    const other = stamp(c, 0, { imprint: imprintOf('sha256', Uint8Array.of(1)) })
    const verdict = await judge([stamp(a), other, Uint8Array.of(1)])
    expect(statuses(verdict)).toEqual(['fail', 'skipped'])
    expect(verdict.warnings).toEqual(['token 1 does not hold', 'token 2 does not hold'])
    expect((await judge([other, stamp(a), stamp(b)])).ok).toBe(true)
  })

  it('may be one authority', async () => {
    expect((await judge([stamp(a)], { threshold: 1 })).ok).toBe(true)
  })
})

describe('the disagreement of a quorum', () => {
  it('is bounded', async () => {
    expect((await judge([stamp(a), stamp(b, 60)])).ok).toBe(true)
    const apart = await judge([stamp(a), stamp(b, 61)])
    expect(statuses(apart)).toEqual(['pass', 'fail'])
    expect(apart.ok).toBe(false)
    expect((await judge([stamp(a), stamp(b, 300)], { maxSkew: undefined })).ok).toBe(true)
    expect((await judge([stamp(a), stamp(b, 301)], { maxSkew: undefined })).ok).toBe(false)
    expect((await judge([stamp(a), stamp(b)], { maxSkew: 0 })).ok).toBe(true)
  })

  it('of one does not harm enough others, and does not move their time', async () => {
    const verdict = await judge([stamp(a, -3600), stamp(b), stamp(c, 30)])
    expect(verdict).toMatchObject({
      ...{ ok: true, authorities: ['b', 'c'], genTimeText: '2025-01-02T12:00:30Z' },
    })
  })

  it('is settled for the earliest time at which enough agree', async () => {
    const tokens = [stamp(a, 600), stamp(b, 600), stamp(a), stamp(b, 5)]
    expect((await judge(tokens)).genTimeText).toBe('2025-01-02T12:00:05Z')
  })
})

describe('what a quorum is compared with', () => {
  const tokens = [stamp(a), stamp(b, 0, { imprint: imprintOf('sha512') })]
  it('is hashed by the algorithm of each token', async () => {
    expect((await judge(tokens)).ok).toBe(true)
    const stream = new Blob([new Uint8Array(data)]).stream()
    expect((await judge(tokens, { data: undefined, stream })).ok).toBe(true)
    const digests = [hash('sha512', data), hash('sha256', data)]
    expect((await judge(tokens, { data: undefined, digests })).ok).toBe(true)
    expect((await judge(tokens, { data: undefined, digests: digests.slice(1) })).ok).toBe(false)
  })

  it.each([
    ['nothing', { data: undefined }],
    ['two things', { digests: [] }],
    ['a digest of no known length', { data: undefined, digests: [new Uint8Array(20)] }],
    ['a threshold of none', { threshold: 0 }],
    ['a threshold of a half', { threshold: 0.5 }],
    ['a negative skew', { maxSkew: -1 }],
    ['a skew that is no number', { maxSkew: Number.NaN }],
  ])('is not %s', async (_what, change) => {
    await expect(judge(tokens, change)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})
