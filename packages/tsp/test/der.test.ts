import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { type Bytes, concatBytes } from '../src/bytes.ts'
import { defineCheck } from '../src/checks/check.ts'
import {
  copyInput,
  type DerElement,
  DerError,
  derLimits,
  parseDer,
  tags,
  tryRead,
} from '../src/der.ts'
import {
  isSetOrder,
  onlyChild,
  openFields,
  readBitBytes,
  readNamedBits,
  readOid,
  readSmallInteger,
} from '../src/der-read.ts'
import {
  writeBitBytes,
  writeElement,
  writeInteger,
  writeNamedBit,
  writeOctets,
  writeOid,
  writeSequence,
  writeSetOf,
} from '../src/der-write.ts'
import { TspError } from '../src/errors.ts'

const bytes = (hex: string): Bytes => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))

function faultOf(input: Bytes): string {
  try {
    parseDer(input)
  } catch (error) {
    if (error instanceof DerError) return `${error.fault}: ${error.message}`
    throw error
  }
  return 'read'
}

describe('a strict reader of DER', () => {
  it('gives the parts of an element as slices of the input', () => {
    const input = bytes('30 06 02 01 05 04 01 ff')
    const sequence = parseDer(input)
    expect(sequence.raw).toEqual(input)
    expect(sequence.children.map(({ tag, content }) => [tag, ...content])).toEqual([
      [2, 5],
      [4, 255],
    ])
    expect(sequence.children[1]?.raw.buffer).toBe(input.buffer)
    expect(sequence.children[1]?.raw.byteOffset).toBe(5)
  })

  it.each([
    ['nothing', '', 'NOT_DER: an element is cut off'],
    ['a tag alone', '30', 'NOT_DER: an element is cut off'],
    ['a length that is cut off', '30 82 01', 'NOT_DER: an element is cut off'],
    ['content that is cut off', '04 02 00', 'NOT_DER: the element at offset 0 ends after'],
    [
      'an element longer than what holds it',
      '30 03 04 02 00 00',
      'NOT_DER: the element at offset 2',
    ],
    ['bytes after the element', '05 00 00', 'NOT_DER: bytes are left over at offset 2'],
    ['an indefinite length', '30 80 05 00 00 00', 'INDEFINITE_LENGTH: an indefinite length'],
    ['one inside', '30 04 24 80 00 00', 'INDEFINITE_LENGTH: an indefinite length'],
    ['81 for a short length', '04 81 01 00', 'NOT_DER: a length that is not minimal'],
    ['a length with a leading zero', `04 82 00 80 ${'00'.repeat(128)}`, 'NOT_DER: a length that'],
    ['a length of five bytes', '04 85 01 00 00 00 00', 'NOT_DER: a length of 5 bytes'],
    ['a length of four bytes', '04 84 ff ff ff ff', 'NOT_DER: the element at offset 0 ends after'],
    ['a tag of several bytes', '1f 81 01 00', 'NOT_DER: a tag of several bytes'],
    ['a BOOLEAN 01', '01 01 01', 'NOT_DER: a BOOLEAN'],
    ['a BOOLEAN of two bytes', '01 02 ff ff', 'NOT_DER: a BOOLEAN'],
    ['an empty INTEGER', '02 00', 'NOT_DER: an INTEGER without content'],
    ['an INTEGER with a needless 00', '02 02 00 7f', 'NOT_DER: an INTEGER that is not minimal'],
    ['an INTEGER with a needless ff', '02 02 ff 80', 'NOT_DER: an INTEGER that is not minimal'],
    ['an ENUMERATED with a needless 00', '0a 02 00 01', 'NOT_DER: an INTEGER'],
    ['a NULL with content', '05 01 00', 'NOT_DER: a NULL with content'],
    ['an empty BIT STRING', '03 00', 'NOT_DER: a BIT STRING with a wrong count'],
    ['a BIT STRING with 8 unused bits', '03 02 08 00', 'NOT_DER: a BIT STRING with a wrong count'],
    ['a BIT STRING with unused bits of nothing', '03 01 01', 'NOT_DER: a BIT STRING with unused'],
    ['a BIT STRING with unused bits set', '03 02 01 81', 'NOT_DER: a BIT STRING with unused'],
    ['an empty OID', '06 00', 'NOT_DER: an OBJECT IDENTIFIER of 0 bytes'],
    ['an OID that is cut off', '06 02 2a 86', 'NOT_DER: an OBJECT IDENTIFIER that is cut off'],
    ['an OID with a needless 80', '06 03 2a 80 01', 'NOT_DER: an OBJECT IDENTIFIER that is not'],
    ['an OID that is too long', `06 41 ${'01'.repeat(65)}`, 'NOT_DER: an OBJECT IDENTIFIER of 65'],
    ['a string in pieces', '24 04 04 02 00 00', 'NOT_DER: a string in pieces'],
    ['a SEQUENCE that holds a value', '10 00', 'NOT_DER: a tag 16'],
    ['a SET that holds a value', '11 00', 'NOT_DER: a tag 17'],
    ['an end of contents', '00 00', 'NOT_DER: a tag 0'],
  ])('refuses %s', (_what, hex, expected) => {
    expect(faultOf(bytes(hex))).toContain(expected)
  })

  it.each([
    ['01 01 00'],
    ['01 01 ff'],
    ['02 01 00'],
    ['02 02 00 80'],
    ['02 02 ff 7f'],
    ['03 01 00'],
    ['03 02 07 80'],
    ['0c 00'],
    ['a0 02 05 00'],
    [`04 81 80 ${'00'.repeat(128)}`],
  ])('takes %s', (hex) => {
    expect(faultOf(bytes(hex))).toBe('read')
  })

  it('bounds size, depth and the number of elements', () => {
    expect(() => copyInput(new Uint8Array(derLimits.bytes + 1))).toThrow(/at most 65536/)
    const nested = (depth: number): Bytes =>
      depth === 1 ? writeSequence() : writeSequence(nested(depth - 1))
    expect(faultOf(nested(derLimits.depth))).toBe('read')
    expect(faultOf(nested(derLimits.depth + 1))).toContain('TOO_LARGE')
    const wide = (elements: number) =>
      writeSequence(...Array.from({ length: elements - 1 }, () => bytes('05 00')))
    expect(faultOf(wide(derLimits.elements))).toBe('read')
    expect(faultOf(wide(derLimits.elements + 1))).toContain('TOO_LARGE')
  })
})

test('a reader that fails for another reason than its input is not silenced', async () => {
  const broken = () => {
    throw new RangeError('a fault')
  }
  expect(() => tryRead(broken)).toThrow('a fault')
  const check = defineCheck({ id: 'token.size', reference: '', needs: [], judge: broken })
  await expect(check.run({ token: bytes(''), options: { authorities: [] } }, {})).rejects.toThrow(
    'a fault',
  )
})

describe('reading structures', () => {
  const sequence = parseDer(bytes('30 06 02 01 05 04 01 ff'))

  it('takes fields in order, and all of them', () => {
    const fields = openFields(sequence, 'it')
    expect(fields.takeIf(tags.octetString)).toBeUndefined()
    expect(fields.take(tags.integer, 'number').content).toEqual(Uint8Array.of(5))
    expect(() => fields.end()).toThrow('it has elements left over')
    expect(() => fields.take(tags.integer, 'second')).toThrow('second of it has the tag 4, not 2')
    expect(() => fields.takeAny('third')).toThrow('it has no third')
    expect(() => openFields(sequence, 'it', tags.set)).toThrow('it has the tag 48, not 49')
  })

  it('opens an EXPLICIT tag with one element in it', () => {
    expect(onlyChild(parseDer(bytes('a0 02 05 00')), 'it').tag).toBe(tags.null)
    for (const hex of ['a0 00', 'a0 04 05 00 05 00', '80 01 00']) {
      expect(() => onlyChild(parseDer(bytes(hex)), 'it')).toThrow('exactly one element')
    }
  })

  it.each([
    ['00', 0],
    ['7f', 127],
    ['00 80', 128],
    ['7f ff ff ff', 2147483647],
  ])('reads the number %s', (hex, value) => {
    expect(readSmallInteger(parseDer(writeElement(0x80, bytes(hex))), 'it')).toBe(value)
  })

  it.each(['', 'ff', '80', '00 01', '00 80 00 00 00'])('refuses the number "%s"', (hex) => {
    expect(() => readSmallInteger(parseDer(writeElement(0x80, bytes(hex))), 'it')).toThrow(
      'it is no',
    )
  })

  it('reads bits', () => {
    expect([...readNamedBits(parseDer(bytes('03 03 07 c1 80')))]).toEqual([0, 1, 7, 8])
    expect(readBitBytes(parseDer(writeBitBytes(Uint8Array.of(1, 2))), 'it')).toEqual(
      Uint8Array.of(1, 2),
    )
    expect(() => readBitBytes(parseDer(bytes('03 02 01 80')), 'it')).toThrow('whole bytes')
    expect(writeNamedBit(14)).toEqual(bytes('03 03 01 00 02'))
  })

  it('knows the order of a SET OF', () => {
    const order = (...hex: string[]) => isSetOrder(hex.map((one) => parseDer(bytes(one))))
    expect(order()).toBe(true)
    expect(order('02 01 01', '02 01 02', '04 00')).toBe(true)
    expect(order('02 01 02', '02 01 01')).toBe(false)
    expect(order('02 01 01', '02 01 01')).toBe(false)
    expect(writeSetOf([bytes('04 00'), bytes('02 01 02'), bytes('02 01 01')])).toEqual(
      bytes('31 08 02 01 01 02 01 02 04 00'),
    )
  })

  it('refuses an OID that is none', () => {
    expect(() => readOid(sequence)).toThrow('is no OBJECT IDENTIFIER')
    for (const text of [
      '',
      '1',
      '3.1',
      '1.40',
      '1.2.03',
      '1.2.',
      '1.2.x',
      `1.2${'.9999999'.repeat(40)}`,
    ]) {
      expect(() => writeOid(text)).toThrow(TspError)
    }
  })
})

const oids = fc
  .tuple(
    fc.constantFrom(0n, 1n, 2n),
    fc.bigInt(0n, 39n),
    fc.array(fc.bigInt(0n, 2n ** 128n - 1n), { maxLength: 3 }),
  )
  .map((arcs) => arcs.flat().join('.'))

test('property: reading a written OID gives the OID', () => {
  fc.assert(
    fc.property(oids, (oid) => {
      expect(readOid(parseDer(writeOid(oid)))).toBe(oid)
    }),
  )
})

test('property: reading a written number gives the number', () => {
  fc.assert(
    fc.property(fc.nat(), (value) => {
      expect(readSmallInteger(parseDer(writeInteger(value)), 'it')).toBe(value)
    }),
  )
})

const { tree } = fc.letrec<{ tree: Bytes }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    fc.nat().map(writeInteger),
    fc.uint8Array({ maxLength: 300 }).map(writeOctets),
    oids.map(writeOid),
    fc.array(tie('tree'), { maxLength: 4 }).map((parts) => writeSequence(...parts)),
    fc.array(tie('tree'), { maxLength: 4 }).map((parts) => writeSetOf(parts)),
  ),
}))

function serialise({ tag, content, children }: DerElement): Uint8Array {
  return children.length === 0
    ? writeElement(tag, content)
    : writeElement(tag, ...children.map(serialise))
}

test('property: writing what was read gives the bytes that were read', () => {
  fc.assert(
    fc.property(tree, (encoded) => {
      expect(serialise(parseDer(encoded))).toEqual(encoded)
    }),
  )
})

test('property: there is one encoding: changed bytes are refused, or read and written back as they are', () => {
  const change = fc.tuple(tree, fc.nat(), fc.integer({ min: 0, max: 255 }))
  fc.assert(
    fc.property(change, ([encoded, at, byte]) => {
      const changed = Uint8Array.from(encoded)
      changed[at % changed.length] = byte
      if (faultOf(changed) === 'read') expect(serialise(parseDer(changed))).toEqual(changed)
    }),
  )
})

test('property: a reader of any bytes takes all of them or fails', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (any) => {
      const input = new Uint8Array(any)
      if (faultOf(input) !== 'read') return
      expect(parseDer(input).raw).toEqual(input)
      expect(faultOf(concatBytes(input, Uint8Array.of(0)))).toContain('left over')
    }),
  )
})
