/** The MCP server over HTTP, for `/mcp` of a server. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  type AuthInfo,
  createMcpHandler,
  hostHeaderValidationResponse,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  type McpHttpHandler,
  type McpRequestContext,
  type McpServerFactory,
  originValidationResponse,
} from '@modelcontextprotocol/server'
import type { McpDependencies } from './dependencies.ts'
import { maxMessage } from './limits.ts'
import { answer } from './node-http.ts'
import { createMcpServer } from './server.ts'

/**
 * How MCP is served over HTTP. `any` is for callers that look at the header themselves: without that,
 * a page whose name leads to this machine (DNS rebinding) could ask.
 */
export interface McpHandlerOptions {
  /** Names that a `Host` header may have, without a port; those of this machine unless given. */
  readonly hosts?: readonly string[] | 'any'
  /** Names of pages that may ask, without scheme and port; those of this machine unless given. */
  readonly origins?: readonly string[] | 'any'
}

/** What is known of a request besides itself. */
export interface McpCall {
  /** Who asks, where the caller has found that out. */
  readonly authInfo?: AuthInfo
  /** The body, where it was parsed already. */
  readonly parsedBody?: unknown
}

/** Answers requests to `/mcp`. */
export interface McpHandler {
  /** Answers a web-standard request. */
  fetch(request: Request, call?: McpCall): Promise<Response>
  /** Answers a request of `node:http`; resolves when the answer has been written. */
  node(request: IncomingMessage, response: ServerResponse, call?: McpCall): Promise<void>
  /** Ends what is under way. */
  close(): Promise<void>
}

/**
 * The handler of `/mcp`. Who may ask is for the caller to say: `dependencies` may be chosen for each
 * request, by what the caller has put into `authInfo`, such as a recorder for those who may write.
 *
 * Refuses a `Host` or an `Origin` of another machine with 403: a page in a browser could have its own
 * name resolve to this one.
 */
export function mcpHandler(
  dependencies: McpDependencies | ((context: McpRequestContext) => McpDependencies),
  options: McpHandlerOptions = {},
): McpHandler {
  const of = typeof dependencies === 'function' ? dependencies : () => dependencies
  return handlerOf((context) => createMcpServer(of(context)), options)
}

/** {@link mcpHandler} over any factory, such as one that adds tools of its own. */
export function handlerOf(
  factory: McpServerFactory,
  {
    hosts = localhostAllowedHostnames(),
    origins = localhostAllowedOrigins(),
  }: McpHandlerOptions = {},
): McpHandler & Pick<McpHttpHandler, 'notify'> {
  const handler = createMcpHandler(factory, { maxRequestBodySize: maxMessage })
  const fetch = async (request: Request, call: McpCall = {}): Promise<Response> =>
    (hosts === 'any' ? undefined : hostHeaderValidationResponse(request, [...hosts])) ??
    (origins === 'any' ? undefined : originValidationResponse(request, [...origins])) ??
    handler.fetch(request, call)
  return {
    fetch,
    node: (request, response, call = {}) =>
      answer(request, response, (web) => fetch(web, call), call.parsedBody === undefined),
    close: () => handler.close(),
    notify: handler.notify,
  }
}
