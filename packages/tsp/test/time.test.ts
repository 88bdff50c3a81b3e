import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { parseDer, tags } from '../src/der.ts'
import { writeAscii } from '../src/der-write.ts'
import {
  formatCertificateTime,
  formatInstant,
  formatTokenTime,
  lastInstant,
  readCertificateTime,
  readTokenTime,
} from '../src/time.ts'

const element = (text: string, tag: number = tags.generalizedTime) =>
  parseDer(writeAscii(tag, text))

describe('genTime', () => {
  it.each([
    ['19700101000000Z', 0],
    ['20250102030405Z', Date.UTC(2025, 0, 2, 3, 4, 5)],
    ['20250102030405.6Z', Date.UTC(2025, 0, 2, 3, 4, 5, 600)],
    ['20250102030405.006Z', Date.UTC(2025, 0, 2, 3, 4, 5, 6)],
    ['20240229000000Z', Date.UTC(2024, 1, 29)],
    ['99991231235959.999Z', lastInstant],
  ])('%s is read', (text, instant) => {
    expect(readTokenTime(element(text))).toEqual({ earliest: instant, latest: instant })
  })

  it('finer than a millisecond lies between two of them', () => {
    const second = Date.UTC(2025, 0, 2, 3, 4, 5)
    expect(readTokenTime(element('20250102030405.0000001Z'))).toEqual({
      earliest: second,
      latest: second + 1,
    })
  })

  it.each([
    '20250102030405',
    '20250102030405+0000',
    '20250102030405z',
    '202501020304Z',
    '250102030405Z',
    '20250102030405.Z',
    '20250102030405.0Z',
    '20250102030405.10Z',
    '20250102030405,5Z',
    '20251301000000Z',
    '20250001000000Z',
    '20250100000000Z',
    '20250229000000Z',
    '20250102240000Z',
    '20250102036000Z',
    '20250102030460Z',
    '19691231235959Z',
    '99991231235959.9999Z',
    ' 20250102030405Z',
    '20250102030405Z ',
    `20250102030405.${'1'.repeat(48)}Zjunk`,
    '２0250102030405Z',
    '',
  ])('"%s" is refused', (text) => {
    expect(readTokenTime(element(text))).toBeUndefined()
  })

  it('is a GeneralizedTime', () => {
    expect(readTokenTime(element('20250102030405Z', tags.utcTime))).toBeUndefined()
  })
})

describe('the times of a certificate', () => {
  it.each([
    ['250102030405Z', tags.utcTime, Date.UTC(2025, 0, 2, 3, 4, 5)],
    ['491231235959Z', tags.utcTime, Date.UTC(2049, 11, 31, 23, 59, 59)],
    ['500101000000Z', tags.utcTime, Date.UTC(1950, 0, 1)],
    ['20500101000000Z', tags.generalizedTime, Date.UTC(2050, 0, 1)],
    ['99991231235959Z', tags.generalizedTime, Date.UTC(9999, 11, 31, 23, 59, 59)],
  ])('%s is read', (text, tag, instant) => {
    expect(readCertificateTime(element(text, tag))).toBe(instant)
  })

  it.each([
    ['2501020304Z', tags.utcTime],
    ['250102030405+0100', tags.utcTime],
    ['251302030405Z', tags.utcTime],
    ['20250102030405.5Z', tags.generalizedTime],
    ['250102030405Z', tags.generalizedTime],
    ['20250102030405Z', tags.utcTime],
    ['20250102030405Z', tags.octetString],
  ])('%s is refused', (text, tag) => {
    expect(() => readCertificateTime(element(text, tag))).toThrow('is no time')
  })
})

const instants = fc.integer({ min: 0, max: lastInstant })

test('property: a written genTime is read as the same instant', () => {
  fc.assert(
    fc.property(instants, (instant) => {
      const time = readTokenTime(element(formatTokenTime(instant)))
      expect(time).toEqual({ earliest: instant, latest: instant })
    }),
  )
})

test('property: a written time of a certificate is read as the same second', () => {
  fc.assert(
    fc.property(instants, (instant) => {
      const { tag, text } = formatCertificateTime(instant)
      expect(readCertificateTime(element(text, tag))).toBe(instant - (instant % 1000))
    }),
  )
})

test('an instant is written with 0 or 3 fraction digits', () => {
  expect(formatInstant(0)).toBe('1970-01-01T00:00:00Z')
  expect(formatInstant(10)).toBe('1970-01-01T00:00:00.010Z')
  expect(formatCertificateTime(Date.UTC(2050, 0, 1)).tag).toBe(tags.generalizedTime)
})
