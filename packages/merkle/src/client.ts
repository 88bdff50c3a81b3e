/** Reads a log from static files that nobody needs to trust. Runs in a browser. */
export type { ForkEvidence, HistoryFailure, RememberedHead } from './client/compare.ts'
export type { EntriesOptions, LogEntry } from './client/entries.ts'
export { type HttpTileSourceOptions, httpTileSource } from './client/http.ts'
export {
  type LogFailure,
  type LogOptions,
  type OpenOptions,
  openLog,
  type RequestFailure,
  type TrustedLog,
} from './client/log.ts'
export {
  type HeadFailure,
  type LogTrust,
  type TrustedHead,
  verifyHead,
} from './client/trust.ts'
