/** Forgeries of what is signed. */
import { concatBytes } from '../../src/bytes.ts'
import { contextTag, contextValueTag, tags } from '../../src/der.ts'
import {
  writeAscii,
  writeElement,
  writeExplicit,
  writeInteger,
  writeOctets,
  writeSequence,
} from '../../src/der-write.ts'
import {
  data,
  digestIdentifier,
  directoryName,
  forge,
  genTime,
  hash,
  imprintOf,
  info,
  leaf,
  root,
} from '../forge.ts'
import { extension } from '../pki.ts'
import { type ForgeryRow, someOid, withInfo } from './shapes.ts'

export const contentForgeries: readonly ForgeryRow[] = [
  ['TSTInfo version 2', 'token.tst-info', () => withInfo({ version: writeInteger(2) })],
  [
    'something after the fields of TSTInfo',
    'token.tst-info',
    () => withInfo({ rest: writeInteger(1) }),
  ],
  [
    'a byte after TSTInfo',
    'token.tst-info',
    () => forge({ info: concatBytes(info(), Uint8Array.of(0)) }),
  ],
  [
    'a critical extension of the token',
    'token.extensions',
    () =>
      withInfo({
        extensions: writeElement(contextTag(1), extension(someOid, writeInteger(1), true)),
      }),
  ],
  [
    'an extension of the token that stands twice',
    'token.extensions',
    () => {
      const one = extension(someOid, writeInteger(1))
      return withInfo({ extensions: writeElement(contextTag(1), one, one) })
    },
  ],
  [
    'an imprint by SHA-1',
    'token.imprint',
    () => [withInfo({ imprint: imprintOf('sha1') }), { digest: hash('sha1', data) }],
  ],
  [
    'an imprint of the wrong length',
    'token.imprint',
    () => {
      const digest = hash('sha256', data)
      const imprint = writeSequence(digestIdentifier('sha512'), writeOctets(digest))
      return [withInfo({ imprint }), { data: undefined, digest }]
    },
  ],
  [
    'an imprint of other data',
    'token.imprint',
    () => withInfo({ imprint: imprintOf('sha256', Uint8Array.of(1)) }),
  ],
  [
    'another digest than the one given',
    'token.imprint',
    () => [forge(), { data: undefined, digest: hash('sha256', Uint8Array.of(1)) }],
  ],
  [
    'right data, but another digest given with it',
    'token.imprint',
    () => [forge(), { digest: hash('sha512', data) }],
  ],
  ['nothing to compare with', 'token.imprint', () => [forge(), { data: undefined }]],
  [
    'a genTime with a month 13',
    'token.gen-time',
    () => withInfo({ genTime: genTime('20261301000000Z') }),
  ],
  ['a genTime without Z', 'token.gen-time', () => withInfo({ genTime: genTime('20250102030405') })],
  [
    'a genTime with a trailing zero',
    'token.gen-time',
    () => withInfo({ genTime: genTime('20250102030405.10Z') }),
  ],
  [
    'an accuracy of 1000 milliseconds',
    'token.accuracy',
    () =>
      withInfo({
        accuracy: writeSequence(writeElement(contextValueTag(0), Uint8Array.of(3, 0xe8))),
      }),
  ],
  [
    'an accuracy of 0 microseconds',
    'token.accuracy',
    () => withInfo({ accuracy: writeSequence(writeElement(contextValueTag(1), Uint8Array.of(0))) }),
  ],
  [
    'a negative accuracy',
    'token.accuracy',
    () => withInfo({ accuracy: writeSequence(writeElement(tags.integer, Uint8Array.of(0xff))) }),
  ],
  ['another nonce', 'token.nonce', () => [forge(), { nonce: Uint8Array.of(0xff, 2) }]],
  [
    'no nonce where one was sent',
    'token.nonce',
    () => [withInfo({ nonce: undefined }), { nonce: Uint8Array.of(0xff, 1) }],
  ],
  [
    'a nonce that is the negative of what was sent',
    'token.nonce',
    () => [
      withInfo({ nonce: writeElement(tags.integer, Uint8Array.of(0xff)) }),
      { nonce: Uint8Array.of(0xff) },
    ],
  ],
  ['another policy', 'token.policy', () => [forge(), { policy: '1.2.3.5' }]],
  [
    'the name of another authority',
    'token.tsa-name',
    () => withInfo({ tsa: writeExplicit(0, directoryName(root.subject)) }),
  ],
  [
    "the signer's name as another kind of name",
    'token.tsa-name',
    () => withInfo({ tsa: writeExplicit(0, writeElement(contextTag(5), leaf.subject)) }),
  ],
  [
    "the signer's name and another one",
    'token.tsa-name',
    () =>
      withInfo({
        tsa: writeExplicit(0, writeElement(contextTag(4), leaf.subject, root.subject)),
      }),
  ],
  [
    'a tsa that is another kind of name',
    'token.tsa-name',
    () => withInfo({ tsa: writeExplicit(0, writeAscii(contextValueTag(6), 'https://a.example')) }),
  ],
]
