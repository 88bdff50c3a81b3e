/** Genuine tokens of whom the caller does not trust, or not then, or not for this. */
import { writeSequence } from '../../src/der-write.ts'
import { certificateOids } from '../../src/oids.ts'
import type { VerifyOptions } from '../../src/verdict.ts'
import { forge, info, leaf, root, trust } from '../forge.ts'
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
  usage,
} from '../pki.ts'
import { byLeaf, type ForgeryRow, other, under } from './shapes.ts'

const listing = (...entries: Uint8Array[]) => revocationList({ issuer: root, entries })
const revokedBy = (...lists: Uint8Array[]): [Uint8Array, Partial<VerifyOptions>] => [
  forge(),
  { revocation: { lists } },
]

export const trustForgeries: readonly ForgeryRow[] = [
  [
    "another root with the anchor's name, embedded",
    'token.anchor',
    () => {
      const impostor = rootCa()
      const signer = stamper(impostor)
      return forge({ signer, certificates: [signer.der, impostor.der] })
    },
  ],
  [
    'an embedded root, and no authorities',
    'token.anchor',
    () => [forge({ certificates: [leaf.der, root.der] }), { authorities: [] }],
  ],
  [
    "a leaf whose issuer is an anchor by name, and whose signature isn't",
    'token.anchor',
    () => {
      const signer = stamper({ ...root, key: ecKey() })
      return forge({ signer })
    },
  ],
  [
    'a leaf with the signature of an anchor, and the name of another issuer',
    'token.anchor',
    () => byLeaf({ issuer: commonName('other') }),
  ],
  ['a leaf that had expired at genTime', 'token.path', () => byLeaf({ notAfter: '250102030405Z' })],
  [
    'a leaf that was not yet valid at genTime: backdating',
    'token.path',
    () => byLeaf({ notBefore: '250102030406Z' }),
  ],
  [
    'a root that had expired at genTime',
    'token.path',
    () => under(rootCa({ notAfter: '250102030404Z' })),
  ],
  [
    'an anchor that is no CA',
    'token.path',
    () => under(rootCa({ extensions: [usage.keyCertSign] })),
  ],
  [
    'an anchor that says it is no CA',
    'token.path',
    () => {
      const constraints = extension(certificateOids.basicConstraints, writeSequence())
      return under(rootCa({ extensions: [constraints, usage.keyCertSign] }))
    },
  ],
  [
    'an anchor of version 2, which can have no extensions',
    'token.path',
    () => under(rootCa({ version: 1 })),
  ],
  [
    'an anchor of version 1',
    'token.path',
    () => under(rootCa({ version: undefined, extensions: [] })),
  ],
  [
    'an anchor that may not sign certificates',
    'token.path',
    () => under(rootCa({ extensions: [caConstraints(), usage.cRLSign] })),
  ],
  [
    'an anchor for TLS servers',
    'token.path',
    () => under(rootCa({ extensions: [caConstraints(), purposes(['1.3.6.1.5.5.7.3.1'])] })),
  ],
  [
    'an anchor with name constraints',
    'token.path',
    () =>
      under(
        rootCa({
          extensions: [
            caConstraints(),
            extension(certificateOids.nameConstraints, writeSequence()),
          ],
        }),
      ),
  ],
  [
    'more CAs than pathLen allows',
    'token.path',
    () => {
      const top = rootCa({ extensions: [caConstraints(0)] })
      const middle = certificate({ subject: 'middle', signer: top, extensions: [caConstraints()] })
      const signer = stamper(middle)
      return [
        forge({ signer, certificates: [signer.der, middle.der] }),
        { authorities: [trust(top)] },
      ]
    },
  ],
  [
    'an end entity that signed the leaf',
    'token.path',
    () => {
      const signer = stamper(other, { subject: 'below' })
      return forge({
        signer,
        info: info({ tsa: undefined }),
        certificates: [signer.der, other.der],
      })
    },
  ],
  [
    'a token that was renewed after its certificate had expired',
    'token.in-time',
    () => [byLeaf({ notAfter: '250601000000Z' }), { at: new Date('2025-06-01T00:00:01Z') }],
  ],
  [
    'a token that is later than its renewal',
    'token.in-time',
    () => [forge(), { at: new Date('2025-01-02T03:04:05.677Z') }],
  ],
  ['a renewal at no date', 'token.in-time', () => [forge(), { at: new Date(Number.NaN) }]],
  [
    'a key that was stolen after the token was made',
    'token.revocation',
    () => revokedBy(listing(revoked(leaf, '250115000000Z', 1))),
  ],
  [
    'a certificate that was revoked later, without a reason',
    'token.revocation',
    () => revokedBy(listing(revoked(leaf, '250115000000Z'))),
  ],
  [
    'a certificate that was superseded before the token was made',
    'token.revocation',
    () => revokedBy(listing(revoked(leaf, '250102030405Z', 4))),
  ],
  ['no revocation list that covers the signer', 'token.revocation', () => revokedBy()],
  [
    'a genTime before the window of the authority',
    'token.authority-window',
    () => [
      forge(),
      { authorities: [trust(root, { validFrom: new Date('2025-01-02T03:04:05.679Z') })] },
    ],
  ],
  [
    'a genTime at the end of the window of the authority',
    'token.authority-window',
    () => [
      forge(),
      { authorities: [trust(root, { validUntil: new Date('2025-01-02T03:04:05.678Z') })] },
    ],
  ],
  [
    'a window that is no date',
    'token.authority-window',
    () => [forge(), { authorities: [trust(root, { validUntil: new Date(Number.NaN) })] }],
  ],
  [
    'an authority that is trusted for other things',
    'token.role',
    () => [forge(), { role: 'release', authorities: [trust(root, { roles: ['record'] })] }],
  ],
  [
    'a key that is not pinned, by the same root',
    'token.pin',
    () => [forge(), { authorities: [trust(root, { pins: [other.pin, root.pin] })] }],
  ],
]
