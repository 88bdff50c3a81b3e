/** Forgeries by a certificate that may not stamp. */
import { writeInteger } from '../../src/der-write.ts'
import { certificateOids } from '../../src/oids.ts'
import { caConstraints, extension, purposes, timeStampingOnly, usage } from '../pki.ts'
import { byLeaf, type ForgeryRow, someOid } from './shapes.ts'

export const leafForgeries: readonly ForgeryRow[] = [
  [
    'a signer that is a CA',
    'token.leaf',
    () => byLeaf({ extensions: [usage.digitalSignature, timeStampingOnly, caConstraints()] }),
  ],
  [
    'a critical extension that nobody knows',
    'token.leaf',
    () =>
      byLeaf({
        extensions: [
          usage.digitalSignature,
          timeStampingOnly,
          extension(someOid, writeInteger(1), true),
        ],
      }),
  ],
  [
    "a signer's certificate of version 2, which can have no extensions",
    'token.leaf',
    () => byLeaf({ version: 1 }),
  ],
  [
    'no extended key usage',
    'token.extended-key-usage',
    () => byLeaf({ extensions: [usage.digitalSignature] }),
  ],
  [
    'an extended key usage that is not critical',
    'token.extended-key-usage',
    () => byLeaf({ extensions: [purposes([certificateOids.timeStamping], false)] }),
  ],
  [
    'an extended key usage for another purpose too, which nobody knows',
    'token.extended-key-usage',
    () => byLeaf({ extensions: [purposes([certificateOids.timeStamping, someOid])] }),
  ],
  [
    'an extended key usage for any purpose',
    'token.extended-key-usage',
    () => byLeaf({ extensions: [purposes([certificateOids.anyPurpose])] }),
  ],
  [
    'a key that may only certify',
    'token.key-usage',
    () => byLeaf({ extensions: [usage.keyCertSign, timeStampingOnly] }),
  ],
]
