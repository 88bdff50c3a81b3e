/** A workspace over HTTP. */
export {
  type ProblemCode,
  problemCodes,
  problems,
  ServerError,
  type ServerErrorCode,
  serverErrorCodes,
} from './errors.ts'
export type { Access } from './http/authorise.ts'
export { type ProblemDocument, problemMediaType } from './http/problem.ts'
export { defaultLimits, type Limits } from './limits.ts'
export { createMetrics, type ServerMetrics } from './metrics/metrics.ts'
export type { LogSink, ServerOptions } from './options.ts'
export { createServer, drain } from './server.ts'
