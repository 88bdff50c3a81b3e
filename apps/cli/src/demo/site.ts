/** A site on loopback, out of folders, for as long as it is needed. */
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname, join } from 'node:path'

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
}

/** What a site serves. */
export interface SiteOptions {
  /** Absolute paths of folders, by the name below which each is served. */
  readonly folders: Readonly<Record<string, string>>
  /** Said with every file. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Works while the site is up; it is gone when this returns.
 *
 * @param work gets the site's URL, such as `http://127.0.0.1:12345/`
 */
export async function whileOnSite<T>(
  { folders, headers }: SiteOptions,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const server = createServer((request, response) => {
    const path = fileOf(folders, request.url ?? '')
    const found = path === undefined ? Promise.reject(new Error('no file')) : readFile(path)
    found.then(
      (bytes) => {
        const type = types[extname(path ?? '')] ?? 'application/octet-stream'
        response.writeHead(200, { ...headers, 'content-type': type }).end(bytes)
      },
      () => response.writeHead(404, { 'content-type': 'text/plain' }).end('not found\n'),
    )
  })
  try {
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    return await work(`http://127.0.0.1:${port}/`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** `/name/path`, of plain names only: nothing leads out of the folder. */
function fileOf(folders: SiteOptions['folders'], target: string): string | undefined {
  const [path = ''] = target.split('?', 1)
  const [, name = '', rest = ''] =
    /^\/([a-z]+)\/((?:[\w-][\w.-]*\/)*(?:[\w-][\w.-]*)?)$/.exec(path) ?? []
  const folder = Object.hasOwn(folders, name) ? folders[name] : undefined
  if (folder === undefined) return undefined
  return join(folder, rest === '' ? 'index.html' : rest)
}
