import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contextTag, contextValueTag, tags } from '../src/der.ts'
import {
  writeAscii,
  writeElement,
  writeExplicit,
  writeInteger,
  writeSequence,
} from '../src/der-write.ts'
import { certificateOids, revocationOids } from '../src/oids.ts'
import { readRevocationList } from '../src/revocation-list.ts'
import type { TimestampCheck, VerifyOptions } from '../src/verdict.ts'
import { digestIdentifier, forge, genTime, info, leaf, root, trust, verify } from './forge.ts'
import {
  caConstraints,
  certificate,
  extension,
  type RevocationShape,
  revocationList,
  revoked,
  rootCa,
  stamper,
  timeStampingOnly,
  usage,
} from './pki.ts'

const list = (shape: Partial<RevocationShape> = {}) => revocationList({ issuer: root, ...shape })

/** What the check says of a token of 2025-01-02, by these lists. */
async function judge(
  lists: readonly Uint8Array[],
  options: Partial<VerifyOptions> & { required?: boolean } = {},
  token = forge(),
): Promise<TimestampCheck | undefined> {
  const { required, ...others } = options
  const { checks } = await verify(token, { revocation: { lists, required }, ...others })
  return checks.find(({ id }) => id === 'token.revocation')
}

const before = '250101000000Z'
const after = '250103000000Z'

describe('a revoked certificate', () => {
  it.each([
    ['unspecified', 0],
    ['affiliationChanged', 3],
    ['superseded', 4],
    ['cessationOfOperation', 5],
  ])('leaves what it stamped before: %s', async (name, reason) => {
    const later = await judge([list({ entries: [revoked(leaf, after, reason)] })])
    expect(later?.status).toBe('pass')
    const earlier = await judge([list({ entries: [revoked(leaf, before, reason)] })])
    expect(earlier).toMatchObject({ status: 'fail', detail: expect.stringContaining(name) })
  })

  it.each([
    ['keyCompromise', 1],
    ['cACompromise', 2],
    ['certificateHold', 6],
    ['reason 7', 7],
    ['removeFromCRL', 8],
    ['privilegeWithdrawn', 9],
    ['aACompromise', 10],
    ['reason 11', 11],
    ['without a reason', undefined],
  ])('takes all that it stamped with it: %s', async (name, reason) => {
    for (const date of [before, after]) {
      const found = await judge([list({ entries: [revoked(leaf, date, reason)] })])
      expect(found).toMatchObject({ status: 'fail', detail: expect.stringContaining(name) })
    }
  })

  it('leaves nothing of the very moment from which it was revoked', async () => {
    const token = forge({ info: info({ genTime: genTime('20250102030405Z') }) })
    for (const [date, status] of [
      ['250102030405Z', 'fail'],
      ['250102030406Z', 'pass'],
    ] as const) {
      const found = await judge([list({ entries: [revoked(leaf, date, 4)] })], {}, token)
      expect(found?.status).toBe(status)
    }
  })

  it('was invalid already when its key is known to have been, if that is earlier', async () => {
    const since = (text: string) =>
      extension(revocationOids.invalidityDate, writeAscii(tags.generalizedTime, text))
    const early = revoked(leaf, after, 4, [since('20250101000000Z')])
    expect((await judge([list({ entries: [early] })]))?.status).toBe('fail')
    const late = revoked(leaf, before, 4, [since('20250103000000Z')])
    expect((await judge([list({ entries: [late] })]))?.status).toBe('fail')
  })

  it('counts by any list that names it, also by one that is out of date', async () => {
    const old = list({ nextUpdate: '250101000000Z', entries: [revoked(leaf, before, 1)] })
    expect((await judge([list(), old]))?.status).toBe('fail')
    expect((await judge([old], { required: false }))?.status).toBe('fail')
  })

  it('is found among others', async () => {
    const others = Array.from({ length: 300 }, (_, n) =>
      revoked({ ...leaf, serial: writeInteger(n) }, before, 1),
    )
    expect((await judge([list({ entries: others })]))?.status).toBe('pass')
    const entries = [...others, revoked(leaf, before, 1)]
    expect((await judge([list({ entries })]))?.status).toBe('fail')
  })

  it('was not revoked yet when the token was renewed', async () => {
    const entries = [revoked(leaf, after, 1)]
    const on = (at: string) => judge([list({ entries })], { at: new Date(at) })
    expect((await on('2025-01-02T23:59:59Z'))?.status).toBe('pass')
    expect((await on('2025-01-03T00:00:00Z'))?.status).toBe('fail')
  })
})

describe('a CA between signer and anchor', () => {
  const middle = certificate({
    subject: 'middle',
    signer: root,
    extensions: [caConstraints(), usage.certAndCrlSign],
  })
  const signer = stamper(middle)
  const token = forge({ signer, certificates: [signer.der, middle.der] })

  it('needs a list of its own issuer, and the signer one of the CA', async () => {
    const both = [list(), list({ issuer: middle })]
    expect((await judge(both, {}, token))?.status).toBe('pass')
    for (const one of both) {
      const found = await judge([one], {}, token)
      expect(found).toMatchObject({ status: 'fail', detail: expect.stringContaining(': 1') })
    }
  })

  it('falls with all below it', async () => {
    const lists = [list({ entries: [revoked(middle, after, 1)] }), list({ issuer: middle })]
    expect(await judge(lists, {}, token)).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('certificate 1 of the path'),
    })
  })
})

const indirect = (change: Uint8Array) =>
  extension(revocationOids.issuingDistributionPoint, writeSequence(change), true)
const set = (number: number) => writeElement(contextValueTag(number), Uint8Array.of(0xff))
const number = writeInteger(1)

describe('a list shows nothing where it', () => {
  const elsewhere = rootCa()
  const noCrlSign = rootCa({ extensions: [caConstraints(), usage.keyCertSign] })
  const cases: [string, () => Uint8Array, RegExp][] = [
    ['is of another issuer', () => list({ issuer: rootCa({ subject: 'other' }) }), /covers: 1$/],
    [
      'is by another key with the name of the issuer',
      () => list({ issuer: elsewhere }),
      /a revocation list: the signature does not verify/,
    ],
    ['ended before genTime', () => list({ nextUpdate: '250102030405Z' }), /covers: 1$/],
    [
      'has no end',
      () => list({ nextUpdate: undefined }),
      /UNSUPPORTED_CRL: there is no nextUpdate/,
    ],
    ['is of version 1', () => list({ version: undefined }), /UNSUPPORTED_CRL: .* version 2/],
    [
      'lists changes only',
      () => list({ extensions: [extension(revocationOids.deltaIndicator, number, true)] }),
      /DELTA_CRL: /,
    ],
    ['is indirect', () => list({ extensions: [indirect(set(4))] }), /INDIRECT_CRL: /],
    [
      'has an entry of another issuer',
      () => {
        const other = extension(revocationOids.certificateIssuer, writeSequence(), true)
        return list({ entries: [revoked(elsewhere, before, 1, [other])] })
      },
      /INDIRECT_CRL: an entry/,
    ],
    ['is about some reasons', () => list({ extensions: [indirect(set(3))] }), /UNSUPPORTED_CRL: /],
    ['is about attributes', () => list({ extensions: [indirect(set(5))] }), /UNSUPPORTED_CRL: /],
    ['is about CAs', () => list({ extensions: [indirect(set(2))] }), /covers: 1$/],
    [
      'has a critical extension that is unknown',
      () => list({ extensions: [extension('1.2.3', number, true)] }),
      /UNSUPPORTED_CRL: the extension 1\.2\.3/,
    ],
    [
      'has an entry with a critical extension that is unknown',
      () => list({ entries: [revoked(elsewhere, before, 4, [extension('1.2.3', number, true)])] }),
      /UNSUPPORTED_CRL: the extension 1\.2\.3/,
    ],
    [
      'names another signature algorithm inside than outside',
      () => list({ outerAlgorithm: digestIdentifier('sha256') }),
      /NOT_DER: .*two signature algorithms/,
    ],
    [
      'has a reason that is no ENUMERATED',
      () => {
        const reason = extension(revocationOids.reasonCode, writeInteger(1))
        return list({ entries: [revoked(elsewhere, before, undefined, [reason])] })
      },
      /NOT_DER: a reason/,
    ],
    ['is followed by a byte', () => Uint8Array.of(...list(), 0), /NOT_DER: bytes are left over/],
    ['is no list', () => writeSequence(), /NOT_DER: /],
    ['is larger than 1 MiB', () => new Uint8Array(1_048_577), /TOO_LARGE: /],
    [
      'is of a distribution point that the certificate does not name',
      () => list({ extensions: [indirect(at('http://crl.example/1'))] }),
      /covers: 1$/,
    ],
  ]
  it.each(cases)('%s', async (_what, make, detail) => {
    const found = await judge([make()])
    expect(found?.status).toBe('fail')
    expect(found?.detail).toMatch(detail)
    // What the caller does not insist on is a warning.
    expect((await judge([make()], { required: false }))?.status).toBe('warn')
    // A good one beside it is enough.
    expect((await judge([make(), list()]))?.status).toBe('pass')
  })

  it('is signed by a CA that may not sign lists', async () => {
    const token = forge({ signer: stamper(noCrlSign) })
    const found = await judge(
      [list({ issuer: noCrlSign })],
      { authorities: [trust(noCrlSign)] },
      token,
    )
    expect(found).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('may not sign revocation lists'),
    })
  })

  it('forgets certificates that have expired', async () => {
    const signer = stamper(root, { notAfter: '250115000000Z' })
    const token = forge({ signer })
    expect((await judge([list()], {}, token))?.status).toBe('fail')
    const keeps = (date: string) =>
      list({
        extensions: [
          extension(revocationOids.expiredCertificates, writeAscii(tags.generalizedTime, date)),
        ],
      })
    expect((await judge([keeps('20250101000000Z')], {}, token))?.status).toBe('pass')
    expect((await judge([keeps('20250116000000Z')], {}, token))?.status).toBe('fail')
  })

  it('is out of date when the token was renewed', async () => {
    const on = (at: string) => judge([list()], { at: new Date(at) })
    expect((await on('2025-03-01T00:00:00Z'))?.status).toBe('pass')
    expect((await on('2025-03-01T00:00:01Z'))?.status).toBe('fail')
  })
})

/** A distributionPoint with one name. */
function at(uri: string): Uint8Array {
  const name = writeAscii(contextValueTag(6), uri)
  return writeExplicit(0, writeElement(contextTag(0), name))
}

describe('a list of a distribution point', () => {
  const uri = 'http://crl.example/1'
  const points = extension(
    certificateOids.distributionPoints,
    writeSequence(writeSequence(at('http://crl.example/0')), writeSequence(at(uri))),
  )
  const signer = stamper(root, { extensions: [usage.digitalSignature, timeStampingOnly, points] })
  const token = forge({ signer })

  it('covers a certificate that names it, and no other', async () => {
    const one = list({ extensions: [indirect(at(uri))] })
    expect((await judge([one], {}, token))?.status).toBe('pass')
    const two = list({ extensions: [indirect(at('http://crl.example/2'))] })
    expect((await judge([two], {}, token))?.status).toBe('fail')
    const relative = list({ extensions: [indirect(writeExplicit(0, writeElement(contextTag(1))))] })
    expect((await judge([relative], {}, token))?.status).toBe('fail')
  })

  it('covers none whose own points are malformed', async () => {
    const broken = extension(certificateOids.distributionPoints, Uint8Array.of(0x30, 0x80))
    const odd = stamper(root, { extensions: [usage.digitalSignature, timeStampingOnly, broken] })
    const one = list({ extensions: [indirect(at(uri))] })
    expect((await judge([one], {}, forge({ signer: odd })))?.status).toBe('fail')
  })

  it('may be for the certificates of users', async () => {
    expect((await judge([list({ extensions: [indirect(set(1))] })]))?.status).toBe('pass')
  })
})

it('an anchor that itself signed needs no list', async () => {
  // The caller vouches for its anchors; a CRL of a root about itself proves nothing.
  const verdict = await verify(forge(), { revocation: { lists: [list()] } })
  expect(verdict.ok).toBe(true)
})

describe('property: nothing throws', () => {
  it('for any bytes, and for changed lists', () => {
    const real = list({
      entries: [revoked(leaf, before, 1), revoked(root, after)],
      extensions: [indirect(set(1)), extension(revocationOids.crlNumber, number)],
    })
    const changed = fc
      .array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 })
      .map((edits) => {
        const bytes = Uint8Array.from(real)
        for (const [index, byte] of edits) bytes[index] = byte
        return bytes
      })
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), changed), (bytes) => {
        const read = readRevocationList(bytes)
        expect(read.ok || read.detail.length > 0).toBe(true)
      }),
    )
  })
})
