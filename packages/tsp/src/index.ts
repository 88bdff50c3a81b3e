/**
 * RFC 3161 timestamps: requests, and strict verification of tokens. Runs in Node and in browsers:
 * nothing here imports from `node:`.
 */
export {
  type ChainFault,
  type ChainLink,
  chainMediaType,
  encodeTimestampChain,
  type ParsedChain,
  parseTimestampChain,
  type TimestampChain,
} from './chain/format.ts'
export { type RenewOptions, renewTimestamps } from './chain/renew.ts'
export { type ChainOptions, type ChainVerdict, verifyTimestampChain } from './chain/verify.ts'
export { TspError, type TspErrorCode, type TspErrorOptions } from './errors.ts'
export { type ParsedTimestamp, type ParseFailureCode, parseTimestamp } from './parse.ts'
export {
  type QuorumCheck,
  type QuorumOptions,
  type QuorumRule,
  type QuorumVerdict,
  quorumCheckIds,
  type TokenRule,
  verifyQuorum,
} from './quorum.ts'
export { createTimestampRequest, type TimestampRequest } from './request/create.ts'
export {
  type ReceivedTimestamp,
  type RequestOptions,
  requestTimestamp,
} from './request/request.ts'
export type { PkiFailure } from './status.ts'
export type { SubjectOptions } from './subject.ts'
export {
  type CertificateSummary,
  summarizeCertificate,
  summarizeTimestamp,
  type TimestampSummary,
} from './summary.ts'
export {
  type ByteStream,
  type IncrementalHash,
  type RevocationOptions,
  type TimeAuthority,
  type TimestampCheck,
  type TimestampCheckId,
  type TimestampCheckStatus,
  type TimestampVerdict,
  timestampCheckIds,
  type VerifyOptions,
} from './verdict.ts'
export { verifyTimestamp } from './verify.ts'
