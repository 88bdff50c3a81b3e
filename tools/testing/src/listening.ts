import { createServer, type RequestListener } from 'node:http'
import { onTestFinished } from 'vitest'

/**
 * Answers requests on a port of 127.0.0.1 until the running test ends, then drops what is still
 * open. Gives the URL. Call it inside a test.
 */
export async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return `http://127.0.0.1:${port}/`
}
