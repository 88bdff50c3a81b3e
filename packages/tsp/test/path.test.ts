import { describe, expect, it } from 'vitest'
import { equalBytes } from '../src/bytes.ts'
import { parseCertificate } from '../src/certificate.ts'
import { writeInteger, writeSequence } from '../src/der-write.ts'
import { certificateOids } from '../src/oids.ts'
import { findPaths } from '../src/path.ts'
import type { VerifyOptions } from '../src/verdict.ts'
import { forge, leaf, notPassed, root, trust, verify } from './forge.ts'
import {
  caConstraints,
  certificate,
  commonName,
  ecKey,
  extension,
  purposes,
  revocationList,
  revoked,
  rootCa,
  stamper,
  type TestCertificate,
  usage,
} from './pki.ts'

const ca = (subject: string, signer: TestCertificate, shape: object = {}) =>
  certificate({ subject, signer, extensions: [caConstraints(), usage.keyCertSign], ...shape })

async function judge(
  signer: TestCertificate,
  embedded: readonly TestCertificate[],
  authorities: VerifyOptions['authorities'],
): Promise<string[]> {
  const certificates = [signer, ...embedded].map(({ der }) => der)
  return notPassed(await verify(forge({ signer, certificates }), { authorities }))
}

describe('a path', () => {
  it('ends in the issuer of the leaf, or higher, through embedded certificates', async () => {
    const top = rootCa({ subject: 'top' })
    const upper = ca('upper', top)
    const lower = ca('lower', upper)
    const signer = stamper(lower)
    for (const anchor of [top, upper, lower]) {
      expect(await judge(signer, [top, upper, lower], [trust(anchor)])).toEqual([])
      expect(await judge(signer, [lower, upper], [trust(anchor)])).toEqual([])
    }
    expect(await judge(signer, [lower], [trust(top)])).toEqual(['token.anchor untrusted'])
    expect(await judge(signer, [], [trust(lower)])).toEqual([])
  })

  it('may pass a certificate that is the anchor of another authority', async () => {
    const top = rootCa({ subject: 'top' })
    const middle = ca('middle', top)
    const closed = trust(middle, { validUntil: new Date('2025-01-01') })
    const signer = stamper(middle)
    expect(await judge(signer, [middle], [closed, trust(top)])).toEqual([])
    expect(await judge(signer, [middle], [closed])).toEqual(['token.authority-window fail'])
  })

  it('has no certificate twice', async () => {
    const parsed = (made: TestCertificate) => parseCertificate(made.der)
    const key = ecKey()
    const one = ca('one', { ...root, key, subject: commonName('two') }, { key })
    const two = ca('two', one, { key })
    const top = ca('two', root, { key })
    const embedded = [one, two, top, root].map(parsed)
    const { paths } = await findPaths(parsed(stamper(one)), embedded, [parsed(root)])
    const names = paths.map((path) =>
      path.map(({ raw }) => [one, two, top, root].findIndex((c) => equalBytes(c.der, raw))),
    )
    expect(names).toEqual([[-1, 0, 2, 3]])
  })

  it('does not end in the leaf itself', async () => {
    expect(await judge(leaf, [], [trust(leaf)])).toEqual(['token.anchor untrusted'])
    const alone = stamper(root, { issuer: leaf.subject, subject: leaf.subject })
    expect(await judge(alone, [], [trust(alone)])).toEqual(['token.anchor untrusted'])
  })

  it('prefers one that may be used over one that may not', async () => {
    const top = rootCa({ subject: 'top' })
    const key = ecKey()
    const expired = ca('ca', top, { key, notAfter: '210101000000Z' })
    const current = ca('ca', top, { key })
    const signer = stamper(current)
    for (const embedded of [
      [expired, current],
      [current, expired],
    ]) {
      expect(await judge(signer, embedded, [trust(top)])).toEqual([])
    }
    expect(await judge(signer, [expired], [trust(top)])).toEqual(['token.path fail'])
  })

  it('prefers one that had not expired when the token was renewed', async () => {
    const key = ecKey()
    const old = rootCa({ key, notAfter: '260101000000Z' })
    const reissued = rootCa({ key, notAfter: '400101000000Z' })
    const at = new Date('2027-01-01T00:00:00Z')
    const judgeBy = async (...roots: readonly TestCertificate[]) => {
      const authorities = [trust(old, { anchors: roots.map(({ der }) => der) })]
      return notPassed(await verify(forge({ signer: stamper(old) }), { at, authorities }))
    }
    expect(await judgeBy(old, reissued)).toEqual([])
    expect(await judgeBy(reissued, old)).toEqual([])
    expect(await judgeBy(old)).toEqual(['token.in-time fail'])
  })

  it('prefers one of which nothing is revoked', async () => {
    const key = ecKey()
    const extensions = [caConstraints(), usage.certAndCrlSign]
    const old = ca('ca', root, { key, extensions })
    const reissued = ca('ca', root, { key, extensions })
    const signer = stamper(old)
    const entries = [revoked(old, '240101000000Z', 4)]
    const lists = [revocationList({ issuer: root, entries }), revocationList({ issuer: old })]
    const judgeBy = async (...embedded: readonly TestCertificate[]) => {
      const certificates = [signer, ...embedded].map(({ der }) => der)
      return notPassed(await verify(forge({ signer, certificates }), { revocation: { lists } }))
    }
    expect(await judgeBy(old, reissued)).toEqual([])
    expect(await judgeBy(reissued, old)).toEqual([])
    expect(await judgeBy(old)).toEqual(['token.revocation fail'])
  })

  it('may pass a CA for time-stamping or for any purpose, with policies', async () => {
    for (const purpose of [certificateOids.timeStamping, certificateOids.anyPurpose]) {
      const policies = extension(certificateOids.certificatePolicies, writeSequence(), true)
      const anchor = rootCa({
        extensions: [caConstraints(), purposes([purpose, '1.2.3'], false), policies],
      })
      expect(await judge(stamper(anchor), [], [trust(anchor)])).toEqual([])
    }
  })

  it('counts CAs against pathLen, but not self-issued ones', async () => {
    const top = rootCa({ subject: 'top', extensions: [caConstraints(0)] })
    const renewed = ca('top', top, { extensions: [caConstraints(0)] })
    const signer = stamper(renewed)
    expect(await judge(signer, [renewed], [trust(top)])).toEqual([])
    const one = rootCa({ subject: 'one', extensions: [caConstraints(1)] })
    const below = ca('below', one)
    expect(await judge(stamper(below), [below], [trust(one)])).toEqual([])
    const deeper = ca('deeper', below)
    expect(await judge(stamper(deeper), [below, deeper], [trust(one)])).toEqual(['token.path fail'])
  })

  it('is not longer than eight certificates', async () => {
    const chain = [rootCa({ subject: 'ca 0' })]
    for (let n = 1; n <= 7; n += 1) chain.push(ca(`ca ${n}`, chain[n - 1] ?? root))
    const [top = root, ...others] = chain
    const sixth = chain[6] ?? root
    expect(await judge(stamper(sixth), others, [trust(top)])).toEqual([])
    const seventh = chain[7] ?? root
    expect(await judge(stamper(seventh), others, [trust(top)])).toEqual(['token.anchor untrusted'])
  })

  it('is given up where too many certificates fit', async () => {
    const key = ecKey()
    const twins = Array.from({ length: 12 }, () =>
      ca('twin', { ...root, key, subject: root.subject }),
    )
    const same = twins.map((_, n) =>
      certificate({
        subject: 'twin',
        key,
        serial: Uint8Array.of(n + 1),
        extensions: [caConstraints()],
      }),
    )
    const signer = stamper(same[0] ?? root)
    expect(await judge(signer, same, [trust(root)])).toEqual(['token.anchor fail'])
    expect(await judge(signer, twins, [trust(root)])).toEqual(['token.anchor untrusted'])
  })
})

describe('authorities', () => {
  it('may share an anchor: an authority that changed its key has an entry for each', async () => {
    const other = stamper(root)
    const old = trust(root, { name: 'old', pins: [other.pin], validUntil: new Date('2025-01-01') })
    const now = trust(root, { name: 'now', pins: [leaf.pin] })
    const verdict = await verify(forge(), { authorities: [old, now] })
    expect(verdict.authority).toBe(now)
    // The token of the old key within the window of the new one is judged by the old one's entry.
    const crossed = await verify(forge({ signer: other }), { authorities: [now, old] })
    expect(crossed.ok).toBe(false)
    expect(notPassed(crossed)).toHaveLength(1)
  })

  it('each have a window of their own', async () => {
    const elsewhere = rootCa({ subject: 'elsewhere' })
    const verdict = await verify(forge(), {
      authorities: [
        trust(elsewhere),
        trust(root, { name: 'mine', validUntil: new Date('2025-01-02') }),
      ],
    })
    expect(notPassed(verdict)).toEqual(['token.authority-window fail'])
    expect(verdict.checks.find(({ status }) => status === 'fail')?.detail).toContain('mine')
  })

  it('may list an anchor twice', async () => {
    const twice = trust(root, { anchors: [root.der, root.der] })
    expect(await judge(leaf, [], [twice, twice])).toEqual([])
  })

  it('with an anchor that is no certificate trust nobody by it, and say so', async () => {
    const broken = trust(root, { name: 'broken', anchors: [Uint8Array.of(1), writeInteger(1)] })
    const verdict = await verify(forge(), { authorities: [broken] })
    expect(notPassed(verdict)).toEqual(['token.anchor untrusted'])
    const detail = verdict.checks.find(({ id }) => id === 'token.anchor')?.detail
    expect(detail).toContain('an anchor of broken is no certificate')
    expect(await judge(leaf, [], [broken, trust(root)])).toEqual([])
  })

  it('say why a signature of the chain does not hold', async () => {
    const signer = stamper({ ...root, key: ecKey() })
    const verdict = await verify(forge({ signer }))
    const detail = verdict.checks.find(({ id }) => id === 'token.anchor')?.detail
    expect(detail).toContain('the signature does not verify')
  })

  it('accept any leaf key without pins, and any of several with them', async () => {
    const pins = [stamper(root).pin, leaf.pin]
    expect(await judge(leaf, [], [trust(root, { pins })])).toEqual([])
  })
})
