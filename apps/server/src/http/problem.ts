/** Every failure as a problem document (RFC 9457). */
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Problem, type ProblemCode, problems } from '../errors.ts'
import { libraryProblem } from './library-errors.ts'

/** The media type of a problem document. */
export const problemMediaType = 'application/problem+json'

/** A problem document. */
export interface ProblemDocument {
  /** A URI for this kind of problem; it names it, and need not lead anywhere. */
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  /** One of `problems`. */
  readonly code: ProblemCode
}

/** The document of a problem. */
export function problemDocument(code: ProblemCode, detail: string): ProblemDocument {
  const { status, title } = problems[code]
  const name = code.toLowerCase().replaceAll('_', '-')
  return { type: `https://vaultmesh.cloud/problems/${name}`, title, status, detail, code }
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, code: ProblemCode, detail: string): FastifyReply {
  const document = problemDocument(code, detail)
  // A string passes any serializer of the route by.
  return reply
    .code(document.status)
    .header('cache-control', 'no-store')
    .type(problemMediaType)
    .send(JSON.stringify(document))
}

/** What Fastify refuses by itself. */
const framework: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_ASYNC_CONSTRAINT: 'REQUEST_INVALID',
  FST_ERR_BAD_URL: 'REQUEST_INVALID',
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'REQUEST_INVALID',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'REQUEST_INVALID',
  FST_ERR_CTP_INVALID_JSON_BODY: 'REQUEST_INVALID',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_REFUSED',
  FST_ERR_MAX_PARAM_LENGTH: 'NOT_FOUND',
  FST_ERR_VALIDATION: 'REQUEST_INVALID',
}

/** The problem that an error is; INTERNAL where nobody foresaw it. */
function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error
  const library = libraryProblem(error)
  if (library !== undefined) return library
  const { code, message, statusCode } = described(error)
  const known = framework[code]
  if (known !== undefined) return new Problem(known, message)
  // What a plugin refuses with a status of its own, such as a path that is no path.
  if (statusCode === 404) return new Problem('NOT_FOUND', 'There is nothing here.')
  if (statusCode === 413) return new Problem('BODY_TOO_LARGE', message)
  if (statusCode >= 400 && statusCode < 500) return new Problem('REQUEST_INVALID', message)
  return new Problem('INTERNAL', 'The server could not answer; its log says why.', { cause: error })
}

function described(error: unknown): { code: string; message: string; statusCode: number } {
  if (!(error instanceof Error)) return { code: '', message: '', statusCode: 0 }
  const { code, statusCode } = error as Partial<FastifyError>
  return { code: code ?? '', message: error.message, statusCode: statusCode ?? 0 }
}

/** Answers what a handler, a hook or a parser threw. */
export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = problemOf(error)
  if (problems[problem.code].status >= 500) {
    request.log.error({ code: problem.code, err: problem.cause ?? error }, 'failed')
  }
  sendProblem(reply, problem.code, problem.message)
}
