/**
 * Who may be asking at all. A page in a browser of this machine can have its own name resolve to
 * 127.0.0.1 (DNS rebinding) and then read what this machine alone should see; it can't choose the
 * Host and Origin headers that its browser sends.
 */
import type { FastifyRequest } from 'fastify'
import { Problem } from '../errors.ts'

/** What hosts and origins are right. */
export interface GuardOptions {
  /** `loopback`: any loopback name, and nothing else but `publicUrl`'s host; `network`: any host. */
  readonly exposure: 'loopback' | 'network'
  /** The URL that others reach the server under, through a reverse proxy. */
  readonly publicUrl: URL | undefined
}

/** The host of a Host header without its port, in lower case; IPv6 in brackets. */
export function hostnameOf(header: string): string | undefined {
  return /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::[0-9]{1,5})?$/.exec(header.toLowerCase())?.[1]
}

function isLoopbackName(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(host)
}

/** Refuses requests for other hosts, and from pages of other origins. */
export function guard({ exposure, publicUrl }: GuardOptions): (request: FastifyRequest) => void {
  const publicHost = publicUrl === undefined ? undefined : hostnameOf(publicUrl.host)
  const isOurs = (host: string | undefined): boolean =>
    host !== undefined && (exposure === 'network' || host === publicHost || isLoopbackName(host))
  return ({ headers }) => {
    const { host = '', origin } = headers
    if (!isOurs(hostnameOf(host))) {
      throw new Problem('HOST_REFUSED', 'This server does not answer for the host that was named.')
    }
    if (origin === undefined || isSameOrigin(origin, host, publicUrl)) return
    throw new Problem('ORIGIN_REFUSED', 'Pages of other origins get nothing from this server.')
  }
}

function isSameOrigin(origin: string, host: string, publicUrl: URL | undefined): boolean {
  if (origin === publicUrl?.origin) return true
  // This server speaks HTTP; behind a proxy with TLS the page's origin is that of `publicUrl`.
  return origin === `http://${host}`
}
