/** `.vm/manifest.dsse.json`: the manifest under a DSSE v1 signature. */
import { canonicalBytes, isMembers, parseCanonical } from '../json.ts'
import { textProblem } from '../names.ts'
import { manifestMediaType, maximumManifestBytes } from './manifest.ts'

/** Signs the bytes that DSSE asks for. */
export interface ManifestSigner {
  /** Names the key, as `ed25519:` and the hex SHA-256 of its raw public key, for one. */
  readonly keyid: string
  /** The signature over `pae`, DSSE's pre-authentication encoding. */
  sign(pae: Uint8Array): Promise<Uint8Array>
}

/** A public key that a verifier trusts to sign manifests. */
export interface ManifestVerifier {
  readonly keyid: string
  /** Whether `signature` over `pae` was made by this key. */
  verify(pae: Uint8Array, signature: Uint8Array): boolean | Promise<boolean>
}

/** A parsed envelope. */
export interface Envelope {
  readonly payload: Uint8Array
  readonly signatures: readonly { readonly keyid: string; readonly signature: Uint8Array }[]
}

/** DSSE's pre-authentication encoding of a manifest: what is signed. */
export function manifestPae(manifest: Uint8Array): Uint8Array {
  const header = `DSSEv1 ${manifestMediaType.length} ${manifestMediaType} ${manifest.length} `
  return Buffer.concat([Buffer.from(header, 'ascii'), manifest])
}

/** Signs a manifest and gives the canonical JSON of its envelope. */
export async function envelopeBytes(
  manifest: Uint8Array,
  signer: ManifestSigner,
): Promise<Uint8Array> {
  const signature = await signer.sign(manifestPae(manifest))
  return canonicalBytes({
    payload: Buffer.from(manifest).toString('base64'),
    payloadType: manifestMediaType,
    signatures: [{ keyid: signer.keyid, sig: Buffer.from(signature).toString('base64') }],
  })
}

/** Base64 that encodes again to its input (RFC 4648 section 4); undefined for all others. */
function decodeBase64(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'string') return undefined
  const bytes = Buffer.from(value, 'base64')
  return bytes.toString('base64') === value ? bytes : undefined
}

function parseSignature(value: unknown): Envelope['signatures'][number] | undefined {
  if (!isMembers(value) || Object.keys(value).sort().join() !== 'keyid,sig') return undefined
  const { keyid } = value
  const signature = decodeBase64(value['sig'])
  if (typeof keyid !== 'string' || keyid === '' || keyid.length > 256) return undefined
  if (textProblem(keyid) !== undefined || signature === undefined) return undefined
  return { keyid, signature }
}

/** Parses an envelope from outside: canonical JSON, 1 to 8 signatures. Undefined for all others. */
export function parseEnvelope(bytes: Uint8Array): Envelope | undefined {
  if (bytes.length > 2 * maximumManifestBytes) return undefined
  const value = parseCanonical(bytes)
  if (!isMembers(value) || Object.keys(value).sort().join() !== 'payload,payloadType,signatures') {
    return undefined
  }
  const payload = decodeBase64(value['payload'])
  const list: unknown = value['signatures']
  if (value['payloadType'] !== manifestMediaType || payload === undefined) return undefined
  if (!Array.isArray(list) || list.length < 1 || list.length > 8) return undefined
  const signatures = list.flatMap((item: unknown) => parseSignature(item) ?? [])
  const keyids = new Set(signatures.map(({ keyid }) => keyid))
  return keyids.size === list.length ? { payload, signatures } : undefined
}
