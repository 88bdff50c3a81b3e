/**
 * Records, entries and proof bundles: building, signing, timestamping, reading. Verification is in
 * `@vaultmesh/remembrancer/verify`, workspaces on disk are in `@vaultmesh/remembrancer/workspace`.
 */
export { maxBodyBytes, parseBody, type SaltedBody, saltBody } from './body.ts'
export {
  type Bundle,
  type BundleParts,
  bundleMediaType,
  encodeBundle,
  type Hints,
  maxBundleBytes,
  parseBundle,
} from './bundle.ts'
export { type BodyText, isSameContent, type WithBody } from './content.ts'
export {
  type BodyDraft,
  type BuiltRecord,
  buildRecord,
  type RecordContext,
  type RecordDraft,
} from './draft.ts'
export {
  type Entry,
  type EntrySignature,
  type EntryTimestamp,
  encodeEntry,
  maxEntryBytes,
  parseEntry,
  type SignatureAlgorithm,
} from './entry.ts'
export { payloadType, preAuthenticationEncoding } from './envelope.ts'
export { RemembrancerError, type RemembrancerErrorCode } from './errors.ts'
export { readCanonicalJson, writeCanonicalJson } from './formats/json.ts'
export type { Read } from './formats/reading.ts'
export {
  type Body,
  encodeBody,
  type MemoryRecord,
  maxRecordBytes,
  parseRecord,
  type RecordLink,
  type ResourceDescriptor,
  recordId,
  type SeenHead,
} from './record.ts'
export { recordSchemas } from './schemas/index.ts'
export { type RecordKind, recordKinds } from './schemas/kinds.ts'
export { type Seal, sealRecord, type TimestampSource } from './seal.ts'
export { ed25519RecordSigner, openpgpSigner, type RecordSigner } from './signer.ts'
export { ed25519KeyId } from './trust-policy.ts'
