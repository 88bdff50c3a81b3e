/** What a server is made of. */
import type { Router } from '@vaultmesh/aurora-router/router'
import type { Federation } from '@vaultmesh/federation/node'
import type { Recorder } from '@vaultmesh/mcp'
import type { Workspace } from '@vaultmesh/remembrancer/workspace'
import { ServerError } from './errors.ts'
import { defaultLimits, type Limits } from './limits.ts'
import type { ServerMetrics } from './metrics/metrics.ts'
import type { TokenVerifier } from './tokens/types.ts'

/** Where lines of the log go. */
export interface LogSink {
  /** One line of JSON, with its end. */
  write(line: string): void
}

/** What {@link createServer} takes. */
export interface ServerOptions {
  /** Open, and left open: whoever opened it closes it after the server. */
  readonly workspace: Workspace
  readonly tokens: TokenVerifier
  /**
   * `loopback` (unless given): connections from this machine alone are taken, and reads need no
   * token unless there is a `publicUrl`. `network`: everything that is not public needs one.
   */
  readonly exposure?: 'loopback' | 'network'
  /** The URL that others reach the server under, through a reverse proxy. */
  readonly publicUrl?: string
  /** True where no record is written: no secret key is needed then. */
  readonly readOnly?: boolean
  /** Without one there are no endpoints about routing. Left open. */
  readonly router?: Router
  /** Without one there are no endpoints about federation. Left open. */
  readonly federation?: Federation
  /** Serves `/mcp`; what writes there, for tokens with `mcp:write`, only with a recorder. */
  readonly mcp?: { readonly version: string; readonly recorder?: Recorder }
  /** The folder (absolute) with the page that verifies proofs, served at `/verify/`. */
  readonly page?: string
  /** Whose `observer` the workspace was opened with; made anew unless given. */
  readonly metrics?: ServerMetrics
  /** Without one nothing is logged. */
  readonly log?: LogSink
  readonly limits?: Partial<Limits>
  readonly clock?: () => Date
}

/** The options as the server reads them. */
export interface Settings {
  readonly exposure: 'loopback' | 'network'
  readonly publicUrl: URL | undefined
  /** Whether reads need no token. */
  readonly freeReads: boolean
  readonly limits: Limits
}

function publicUrlOf(text: string | undefined): URL | undefined {
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  // All of it but the path of a root: a name and password in it would be shown to everybody.
  const isOrigin = url !== undefined && url.href === `${url.origin}/`
  if (isOrigin && ['http:', 'https:'].includes(url.protocol)) return url
  throw new ServerError(
    'OPTIONS_INVALID',
    `"${text}" can't be the public URL: give a scheme and a host, such as https://vm.example.com`,
  )
}

/** Reads the options. @throws ServerError OPTIONS_INVALID. */
export function settingsOf({ exposure = 'loopback', publicUrl, limits }: ServerOptions): Settings {
  const url = publicUrlOf(publicUrl)
  return {
    exposure,
    publicUrl: url,
    // Behind a reverse proxy every connection comes from this machine.
    freeReads: exposure === 'loopback' && url === undefined,
    limits: { ...defaultLimits, ...limits },
  }
}
