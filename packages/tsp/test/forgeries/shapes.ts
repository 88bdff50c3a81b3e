/** What the forgeries have in common. */
import { contextTag } from '../../src/der.ts'
import { writeElement, writeSequence } from '../../src/der-write.ts'
import { attributeOids } from '../../src/oids.ts'
import type { TimestampCheckId, VerifyOptions } from '../../src/verdict.ts'
import { attribute, forge, info, root, trust } from '../forge.ts'
import { type rootCa, stamper } from '../pki.ts'

/** What is wrong, the one check that says so, and a token, with options, that shows it. */
export type ForgeryRow = readonly [
  name: string,
  check: TimestampCheckId,
  make: () => Uint8Array | [Uint8Array, Partial<VerifyOptions>],
]

export const withInfo = (change: Parameters<typeof info>[0]) => forge({ info: info(change) })
export const withAttributes = (change: NonNullable<Parameters<typeof forge>[0]>['attributes']) =>
  forge(change === undefined ? {} : { attributes: change })
export const essAttribute = (...values: Uint8Array[]) =>
  attribute(attributeOids.signingCertificateV2, ...values)
/** A token by a leaf of another shape, under the usual root. */
export const byLeaf = (shape: Parameters<typeof stamper>[1]) =>
  forge({ signer: stamper(root, shape) })
/** A token by the leaf of another authority, and the trust in its anchor. */
export const under = (
  anchor: ReturnType<typeof rootCa>,
  signer = stamper(anchor),
): [Uint8Array, Partial<VerifyOptions>] => [forge({ signer }), { authorities: [trust(anchor)] }]

export const someOid = '1.2.3.4.5.6'
export const other = stamper(root)
export const sid = (issuer: Uint8Array, serial: Uint8Array) => writeSequence(issuer, serial)
export const algorithmProtection = (digest: Uint8Array, signature: Uint8Array) =>
  attribute(
    attributeOids.algorithmProtection,
    writeSequence(digest, writeElement(contextTag(1), signature.subarray(2))),
  )
