/** Asking a service on this machine. */
import { type Agent, request } from 'node:http'
import { createServer } from 'node:net'

/** An answer of the service. */
export interface Answered {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

const maximumBody = 4 * 1024 * 1024

/** GETs `path` from 127.0.0.1. Rejects on a closed connection, 2 s of silence, or above 4 MiB. */
export function get(port: number, path: string, agent: Agent): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { host: '127.0.0.1', port, path, agent, timeout: 2_000 },
      (incoming) => {
        const chunks: Buffer[] = []
        let size = 0
        incoming.on('data', (chunk: Buffer) => {
          size += chunk.length
          chunks.push(chunk)
          if (size > maximumBody) outgoing.destroy(new Error('the answer is above 4 MiB'))
        })
        incoming.on('error', reject)
        incoming.on('end', () => {
          resolve({
            status: incoming.statusCode ?? 0,
            contentType: incoming.headers['content-type'] ?? '',
            body: Buffer.concat(chunks).toString('utf8'),
          })
        })
      },
    )
    outgoing.on('timeout', () => outgoing.destroy(new Error('no answer for 2 s')))
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/** `count` different ports of the loopback interface that nothing listens on. */
export async function freePorts(count: number): Promise<number[]> {
  // All are held until the last is found: the same port could be given twice otherwise.
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(0, '127.0.0.1', resolve)
      })
      return server
    }),
  )
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address()
      await new Promise((resolve) => server.close(resolve))
      return typeof address === 'object' && address !== null ? address.port : 0
    }),
  )
}
