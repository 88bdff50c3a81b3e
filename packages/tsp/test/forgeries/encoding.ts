/** Forgeries of how a token is written. */
import { concatBytes } from '../../src/bytes.ts'
import { contextTag } from '../../src/der.ts'
import { writeElement, writeInteger, writeOctets, writeSequence } from '../../src/der-write.ts'
import { attribute, forge } from '../forge.ts'
import { type ForgeryRow, someOid } from './shapes.ts'

export const encodingForgeries: readonly ForgeryRow[] = [
  [
    'a token of more than 64 KiB',
    'token.size',
    () => {
      const large = attribute(someOid, writeOctets(new Uint8Array(70_000)))
      return forge({ unsignedAttributes: [writeElement(contextTag(1), large)] })
    },
  ],
  [
    'an indefinite length',
    'token.definite-length',
    () => {
      const token = forge()
      // 30 82 xx xx … becomes 30 80 … 00 00: the same token in BER.
      return concatBytes(Uint8Array.of(0x30, 0x80), token.subarray(4), new Uint8Array(2))
    },
  ],
  ['a byte after the token', 'token.der', () => concatBytes(forge(), Uint8Array.of(0))],
  [
    'a length that is not minimal',
    'token.der',
    () => {
      const token = forge()
      return concatBytes(Uint8Array.of(0x30, 0x83, 0), token.subarray(2))
    },
  ],
  ['a token that is cut off', 'token.der', () => forge().subarray(0, -1)],
  ['no bytes', 'token.der', () => new Uint8Array()],
  [
    'a response in place of its token',
    'token.content-info',
    () => writeSequence(writeSequence(writeInteger(0)), forge()),
  ],
  ['another CMS type', 'token.content-info', () => forge({ outerType: someOid })],
]
