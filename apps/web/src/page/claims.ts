/** What a bundle says of itself: read, and not verified. */
import { parseBundle, parseEntry, type SignatureAlgorithm } from '@vaultmesh/remembrancer/verify'

/** The signatures and tokens of an entry. */
export interface Claims {
  readonly signatures: readonly { readonly keyid: string; readonly algorithm: SignatureAlgorithm }[]
  /** How many time tokens there are. */
  readonly tokens: number
}

/** Reads the claims of a bundle; there are none where it can't be read. */
export function readClaims(bytes: Uint8Array): Claims {
  const bundle = parseBundle(bytes)
  const entry = bundle.ok ? parseEntry(bundle.value.entry) : bundle
  if (!entry.ok) return { signatures: [], tokens: 0 }
  const { signatures, timestamps } = entry.value
  return {
    signatures: signatures.map(({ keyid, algorithm }) => ({ keyid, algorithm })),
    tokens: timestamps.length,
  }
}
