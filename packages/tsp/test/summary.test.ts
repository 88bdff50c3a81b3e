import { describe, expect, it } from 'vitest'
import { contextValueTag, parseDer, tags } from '../src/der.ts'
import {
  writeAscii,
  writeElement,
  writeExplicit,
  writeOid,
  writeSequence,
  writeSetOf,
  writeUtf8,
} from '../src/der-write.ts'
import { formatName, printable } from '../src/name.ts'
import { summarizeCertificate, summarizeTimestamp } from '../src/summary.ts'
import { forge, genTime, imprintOf, info, leaf } from './forge.ts'

describe('the summary of a token', () => {
  it('is what the token says', () => {
    expect(summarizeTimestamp(forge())).toMatchObject({
      genTime: '2025-01-02T03:04:05.678Z',
      serialNumber: '2a',
      policy: '1.2.3.4',
      imprint: { algorithm: 'SHA-256' },
      tsa: 'CN=stamper',
    })
  })

  it('leaves out what it does not understand', () => {
    const uri = writeAscii(contextValueTag(6), 'https://a.example')
    const shape = {
      genTime: genTime('now'),
      imprint: imprintOf('sha1'),
      tsa: writeExplicit(0, uri),
    }
    expect(summarizeTimestamp(forge({ info: info(shape) }))).toMatchObject({
      genTime: undefined,
      imprint: { algorithm: '1.3.14.3.2.26' },
      tsa: undefined,
    })
    expect(summarizeTimestamp(forge({ info: info({ tsa: undefined }) }))?.tsa).toBeUndefined()
  })

  it('of anything else is none', async () => {
    for (const bytes of [new Uint8Array(), writeSequence(), forge({ content: [] })]) {
      expect(summarizeTimestamp(bytes)).toBeUndefined()
    }
    expect(summarizeTimestamp(forge({ info: writeSequence() }))).toBeUndefined()
    expect(await summarizeCertificate(forge())).toBeUndefined()
  })
})

describe('the summary of a certificate', () => {
  it('has the pin of its key', async () => {
    expect((await summarizeCertificate(leaf.der))?.pin).toEqual(leaf.pin)
  })
})

describe('a name', () => {
  const name = (...attributes: Uint8Array[]) =>
    formatName(parseDer(writeSequence(writeSetOf(attributes))))
  const attribute = (oid: string, value: Uint8Array) => writeSequence(writeOid(oid), value)

  it('is shown in its own order', () => {
    const set = (oid: string, text: string) => writeSetOf([attribute(oid, writeUtf8(text))])
    const sets = [set('2.5.4.6', 'BE'), set('2.5.4.3', 'GlobalSign'), set('2.5.4.13', 'text')]
    expect(formatName(parseDer(writeSequence(...sets)))).toBe('C=BE, CN=GlobalSign, 2.5.4.13=text')
  })

  it('may be in UTF-16', () => {
    const bmp = writeElement(0x1e, Uint8Array.of(0, 0x41, 0x01, 0x41))
    expect(name(attribute('2.5.4.3', bmp))).toBe('CN=AŁ')
    expect(name(attribute('2.5.4.3', writeElement(0x1e, Uint8Array.of(0, 0x41, 1))))).toBe('CN=A')
  })

  it('shows a question mark for an attribute that is none', () => {
    expect(name(writeSequence(writeOid('2.5.4.3')))).toBe('?')
    expect(name(writeElement(tags.null))).toBe('?')
  })

  it('hides nothing from whoever reads it', () => {
    const text = writeUtf8('good\u{202e}live\u{7}\u{2028}\u{200b}')
    expect(name(attribute('2.5.4.3', text))).toBe('CN=good\u{fffd}live\u{fffd}\u{fffd}\u{fffd}')
    expect(printable('x'.repeat(300))).toBe(`${'x'.repeat(256)}…`)
  })
})
