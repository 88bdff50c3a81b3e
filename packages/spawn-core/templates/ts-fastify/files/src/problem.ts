import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

/** RFC 9457 problem details; `type` is left out, which means `about:blank`. */
interface Problem {
  title: string
  status: number
  detail?: string
  /** One item per part of the request that its schema refused. */
  errors?: { in: string; path: string; message: string }[]
  requestId: string
}

/** Answers any error as `application/problem+json`; details of our own faults stay in the log. */
export function sendError(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const status = statusOf(error)
  if (status >= 500) request.log.error({ err: error }, 'request failed')

  const problem = blank(status, request)
  if (status < 500) problem.detail = error.message
  if (error.validation !== undefined) {
    problem.errors = error.validation.map(({ instancePath, message }) => ({
      in: error.validationContext ?? 'request',
      path: instancePath,
      message: message ?? 'is not valid',
    }))
  }
  send(problem, reply)
}

/** Answers a request that matches no route. */
export function sendNotFound(request: FastifyRequest, reply: FastifyReply): void {
  send(blank(404, request), reply)
}

function statusOf(error: FastifyError): number {
  const status = error.statusCode ?? 500
  return status >= 400 && status <= 599 ? status : 500
}

function blank(status: number, request: FastifyRequest): Problem {
  return { title: STATUS_CODES[status] ?? 'Error', status, requestId: request.id }
}

function send(problem: Problem, reply: FastifyReply): void {
  // A serialised body, because a route's response schema may describe this status differently.
  reply
    .code(problem.status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(problem)
}
