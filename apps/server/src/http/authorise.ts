/** Who asks, and what they may (RFC 6750). */
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'
import type { Scope } from '../tokens/scopes.ts'
import type { Client, TokenVerifier } from '../tokens/types.ts'

/** What a route asks for: nothing, or a scope; a read needs no token where only this machine can ask. */
export type Access =
  | { readonly kind: 'public' }
  | { readonly kind: 'read'; readonly scope: Scope }
  | { readonly kind: 'write'; readonly scope: Scope }

/** Nothing is asked for. */
export const publicAccess: Access = { kind: 'public' }

/** A token with this scope, except on loopback. */
export function reading(scope: Scope): Access {
  return { kind: 'read', scope }
}

/** A token with this scope, always. */
export function writing(scope: Scope): Access {
  return { kind: 'write', scope }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may ask. A route that does not say it is closed to all. */
    access?: Access
  }
  interface FastifyRequest {
    /** Whose token came with the request; null for none, `'refused'` for one that does not count. */
    client: Client | 'refused' | null
  }
}

const form = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i

/** Whose token a request carries. Only a header counts: URLs end up in logs. */
export function clientOf(
  header: string | undefined,
  tokens: TokenVerifier,
): FastifyRequest['client'] {
  if (header === undefined) return null
  const token = form.exec(header)?.[1]
  return (token === undefined ? undefined : tokens.client(token)) ?? 'refused'
}

const challenge = 'Bearer realm="vaultmesh"'

/** Refuses a request that may not do what its route does. */
export function authorise(request: FastifyRequest, reply: FastifyReply, freeReads: boolean): void {
  const { access } = request.routeOptions.config
  if (access === undefined) throw new Problem('INTERNAL', 'This endpoint is closed.')
  if (access.kind === 'public') return
  if (access.kind === 'read' && freeReads && request.client === null) return
  requireScope(request, reply, access.scope)
}

/** Refuses a request whose token lacks a scope. */
export function requireScope(request: FastifyRequest, reply: FastifyReply, scope: Scope): void {
  const { client } = request
  if (client === null) {
    reply.header('www-authenticate', challenge)
    throw new Problem('TOKEN_NEEDED', `This needs a bearer token with the scope ${scope}.`)
  }
  if (client === 'refused') {
    reply.header('www-authenticate', `${challenge}, error="invalid_token"`)
    throw new Problem('TOKEN_REFUSED', 'The token is not known here, has expired or was revoked.')
  }
  if (client.scopes.has(scope)) return
  reply.header('www-authenticate', `${challenge}, error="insufficient_scope", scope="${scope}"`)
  throw new Problem('SCOPE_MISSING', `The token "${client.name}" lacks the scope ${scope}.`)
}
