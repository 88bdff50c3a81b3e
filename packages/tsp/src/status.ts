/** Why an authority rejects a request (RFC 3161 section 2.4.2, PKIFailureInfo). */

/** The reasons, by the number of their bit. */
export const failureBits = {
  badAlg: 0,
  badRequest: 2,
  badDataFormat: 5,
  timeNotAvailable: 14,
  unacceptedPolicy: 15,
  unacceptedExtension: 16,
  addInfoNotAvailable: 17,
  systemFailure: 25,
} as const

/** The name of a reason. */
export type PkiFailure = keyof typeof failureBits

const names = Object.keys(failureBits) as readonly PkiFailure[]

/** The first reason among the bits that are set, if it is one of RFC 3161. */
export function failureName(bits: ReadonlySet<number>): PkiFailure | undefined {
  return names.find((name) => bits.has(failureBits[name]))
}
