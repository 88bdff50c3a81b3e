/**
 * RFC 3161 timestamps: requests, and strict verification of tokens. Runs in Node and in browsers:
 * nothing here imports from `node:`.
 */
export { TspError, type TspErrorCode } from './errors.ts'
export { type ParsedTimestamp, type ParseFailureCode, parseTimestamp } from './parse.ts'
export { createTimestampRequest, type TimestampRequest } from './request.ts'
export type { PkiFailure } from './status.ts'
export {
  type CertificateSummary,
  summarizeCertificate,
  summarizeTimestamp,
  type TimestampSummary,
} from './summary.ts'
export {
  type TimeAuthority,
  type TimestampCheck,
  type TimestampCheckId,
  type TimestampCheckStatus,
  type TimestampVerdict,
  timestampCheckIds,
  type VerifyOptions,
} from './verdict.ts'
export { verifyTimestamp } from './verify.ts'
