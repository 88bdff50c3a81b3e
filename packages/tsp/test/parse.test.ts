import { describe, expect, it } from 'vitest'
import { contextTag, tags } from '../src/der.ts'
import {
  writeElement,
  writeExplicit,
  writeInteger,
  writeNamedBit,
  writeOid,
  writeSequence,
  writeUtf8,
} from '../src/der-write.ts'
import { parseTimestamp } from '../src/parse.ts'
import { forge } from './forge.ts'

const token = forge()
const status = (value: number, ...rest: Uint8Array[]) => writeSequence(writeInteger(value), ...rest)
const response = (...parts: Uint8Array[]) => parseTimestamp(writeSequence(...parts))

describe('parseTimestamp', () => {
  it('tells a bare token from a response', () => {
    expect(parseTimestamp(token)).toEqual({ ok: true, kind: 'token', token })
    expect(response(status(0), token)).toEqual({ ok: true, kind: 'response', token })
    // 1: granted with modifications.
    expect(response(status(1), token)).toMatchObject({ ok: true })
  })

  it('says why an authority rejected a request', () => {
    const text = writeSequence(writeUtf8('not this one'))
    expect(response(status(2, text, writeNamedBit(0)))).toEqual({
      ok: false,
      code: 'REJECTED',
      detail: 'the authority did not grant a token: status 2, badAlg, not this one',
      failure: 'badAlg',
    })
    expect(response(status(2))).toEqual({
      ok: false,
      code: 'REJECTED',
      detail: 'the authority did not grant a token: status 2',
    })
    expect(response(status(2, writeNamedBit(3)))).not.toHaveProperty('failure')
  })

  it('takes no token out of a rejection', () => {
    expect(response(status(2), token)).toMatchObject({ ok: false, code: 'REJECTED' })
    expect(response(status(3), token)).toMatchObject({ ok: false, code: 'REJECTED' })
  })

  it('makes the text of an authority safe to show', () => {
    const text = writeSequence(writeUtf8(`\u{1b}[2J\u{202e}${'long'.repeat(200)}`))
    const parsed = response(status(2, text))
    if (parsed.ok) throw new Error('granted')
    expect(parsed.detail).toContain('\u{fffd}[2J\u{fffd}longlong')
    expect(parsed.detail.length).toBeLessThan(400)
  })

  it.each([
    ['nothing', new Uint8Array(), 'NOT_DER'],
    ['text', new TextEncoder().encode('<html>'), 'NOT_DER'],
    ['more than 64 KiB', new Uint8Array(65_537), 'TOO_LARGE'],
    ['an indefinite length', Uint8Array.of(0x30, 0x80, 0, 0), 'INDEFINITE_LENGTH'],
    ['an empty sequence', writeSequence(), 'NOT_A_TIMESTAMP'],
    ['a number', writeInteger(1), 'NOT_A_TIMESTAMP'],
    [
      'plain CMS data',
      writeSequence(writeOid('1.2.840.113549.1.7.1'), writeExplicit(0, token)),
      'NOT_A_TIMESTAMP',
    ],
    ['a grant without a token', writeSequence(status(0)), 'NO_TOKEN'],
    [
      'a response with something left over',
      writeSequence(status(0), token, token),
      'NOT_A_TIMESTAMP',
    ],
    [
      'a status that is no number',
      writeSequence(writeSequence(writeOid('1.2'))),
      'NOT_A_TIMESTAMP',
    ],
    [
      'a negative status',
      writeSequence(writeSequence(writeElement(tags.integer, Uint8Array.of(0xff)))),
      'NOT_A_TIMESTAMP',
    ],
    [
      'a token that is none',
      writeSequence(status(0), writeSequence(writeElement(contextTag(0)))),
      'NOT_A_TIMESTAMP',
    ],
  ])('refuses %s', (_what, bytes, code) => {
    expect(parseTimestamp(bytes)).toMatchObject({ ok: false, code })
  })
})
