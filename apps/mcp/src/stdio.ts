/** The MCP server over the streams of a process. */
import type { Readable, Writable } from 'node:stream'
import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio'
import type { McpDependencies } from './dependencies.ts'
import { maxMessage } from './limits.ts'
import { createMcpServer } from './server.ts'

/** The streams of a connection. Nothing else may be written to `output`. */
export interface McpStreams {
  readonly input: Readable
  readonly output: Writable
  /** Ends the connection. */
  readonly signal?: AbortSignal
}

/** The same, with what writes so that it can be waited for. */
function watched(dependencies: McpDependencies): {
  readonly dependencies: McpDependencies
  settled(): Promise<void>
} {
  const { recorder, router } = dependencies
  const underWay = new Set<Promise<unknown>>()
  const watch = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work)
    const forget = (): void => void underWay.delete(work)
    work.then(forget, forget)
    return work
  }
  return {
    dependencies: {
      ...dependencies,
      ...(recorder && {
        recorder: {
          agent: recorder.agent,
          record: (draft) => watch(recorder.record(draft)),
        },
      }),
      ...(router && {
        router: {
          decide: (request, seed) => router.decide(request, seed),
          route: (request, key, options) => watch(router.route(request, key, options)),
        },
      }),
    },
    async settled() {
      // What was routed is recorded then.
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}

/** A transport that says when it is closed: by its input, a broken output, a message that is too long. */
class StreamTransport extends StdioServerTransport {
  readonly #closed: () => void

  constructor({ input, output }: McpStreams, closed: () => void) {
    super(input, output, { maxBufferSize: maxMessage })
    this.#closed = closed
  }

  override async close(): Promise<void> {
    await super.close()
    this.#closed()
  }
}

/**
 * Serves one connection. Resolves once it has ended, as its input does, or the signal came, and what
 * was being recorded then is recorded.
 */
export async function serveMcp(dependencies: McpDependencies, streams: McpStreams): Promise<void> {
  const { signal } = streams
  const { dependencies: bound, settled } = watched(dependencies)
  const { promise: ended, resolve: end } = Promise.withResolvers<void>()
  const connection = serveStdio(() => createMcpServer(bound), {
    transport: new StreamTransport(streams, end),
    ...(dependencies.onerror === undefined ? {} : { onerror: dependencies.onerror }),
  })
  signal?.addEventListener('abort', () => end(), { once: true })
  if (signal?.aborted === true) end()
  await ended
  await connection.close()
  await settled()
}
