/** What bounds the work that others can make a server do. */

/** Limits of a server. All times are in milliseconds, all sizes in bytes. */
export interface Limits {
  /** The longest body of `POST /v1/memories`: a record's text is in it, and escaped. */
  readonly memoryBytes: number
  /** The longest body of any other JSON endpoint. */
  readonly bodyBytes: number
  /** The longest request line and headers together. */
  readonly headerBytes: number
  /** How long the headers of a request may take to arrive. */
  readonly headersTimeoutMs: number
  /** How long a whole request may take to arrive. */
  readonly requestTimeoutMs: number
  /** How often connections are checked for these. */
  readonly checkIntervalMs: number
  /** How long a connection may wait for its next request. */
  readonly keepAliveTimeoutMs: number
  /** How long nothing may move on a connection, such as while an answer is not read. */
  readonly idleTimeoutMs: number
  /** Connections at once; more are closed as they come. */
  readonly connections: number
  /** Requests of one token, or without one of one address, in a minute; null for any number. */
  readonly requestsPerMinute: number | null
  /** Above this delay of the event loop requests are refused; null for never. */
  readonly eventLoopDelayMs: number | null
}

/** The limits where none are given. */
export const defaultLimits: Limits = {
  memoryBytes: 2 * 1024 * 1024,
  bodyBytes: 64 * 1024,
  headerBytes: 16 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  checkIntervalMs: 1000,
  keepAliveTimeoutMs: 5000,
  idleTimeoutMs: 120_000,
  connections: 1000,
  requestsPerMinute: 6000,
  eventLoopDelayMs: 1000,
}
