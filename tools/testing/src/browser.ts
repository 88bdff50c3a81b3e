/**
 * Pages in a real browser, on loopback: `bundlePage` makes scripts out of sources, `serveSite`
 * serves them, `openBrowser` and `visit` look at them. For tests that `itWith(['chromium'])` guards.
 */
import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { build } from 'rolldown'
import { findChromium } from './programs.ts'

export type { Browser, Page } from 'playwright-core'

/**
 * Starts the Chromium of this machine. Every host name leads to 127.0.0.1, so no page can reach
 * anything else. Close it when done; from `beforeAll`, return a function that does.
 *
 * It runs without Chromium's sandbox, which can't start as root: open your own pages only.
 */
export function openBrowser(): Promise<Browser> {
  const executablePath = findChromium()
  if (executablePath === undefined) throw new Error('there is no Chromium on the PATH')
  return chromium.launch({ executablePath, args: ['--host-resolver-rules=MAP * 127.0.0.1'] })
}

/** A page and what went wrong in it. */
export interface Visit {
  readonly page: Page
  /** Uncaught errors, and what the console shows as error or warning, as they come. Empty it freely. */
  readonly problems: string[]
}

/** Opens a page in a profile of its own (empty storage, empty cache), at a URL if one is given. */
export async function visit(browser: Browser, url?: string | URL): Promise<Visit> {
  const context = await browser.newContext()
  const page = await context.newPage()
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text())
  })
  if (url !== undefined) await page.goto(String(url))
  return { page, problems }
}

/** What a site answers. */
export interface SiteAnswer {
  readonly body: string | Uint8Array
  /** 200 by default. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** A site that is being served. */
export interface Site {
  /** `http://127.0.0.1:<port>/`, which browsers hold to be secure (WebCrypto is there). */
  readonly url: string
  /** `http://site.test:<port>/`: the same, but not secure, so that there is no WebCrypto. */
  readonly insecureUrl: string
  close(): Promise<void>
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
}

/** Serves what `answer` gives for a path (without the leading slash and the query), else 404. */
export async function serveSite(answer: (path: string) => SiteAnswer | undefined): Promise<Site> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '').replace(/^\//, '').replace(/\?.*$/, '')
    // Browsers ask for an icon by themselves, and would report a 404 as a problem of the page.
    const absent: SiteAnswer =
      path === 'favicon.ico' ? { status: 204, body: '' } : { status: 404, body: 'not found' }
    const { body, status = 200, headers } = answer(path) ?? absent
    const type = types[path.split('.').at(-1) ?? ''] ?? 'application/octet-stream'
    response.writeHead(status, { 'content-type': type, ...headers }).end(body)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}/`,
    insecureUrl: `http://site.test:${port}/`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}

/**
 * The scripts that a module of this workspace and all that it imports become for a browser, by file
 * name. The module itself becomes `<its name>.js`; what is imported lazily becomes files beside it,
 * or a part of it where `single` is set.
 */
export async function bundlePage(
  module: string | URL,
  { single = false }: { readonly single?: boolean } = {},
): Promise<Map<string, string>> {
  const { output } = await build({
    input: module instanceof URL ? fileURLToPath(module) : module,
    platform: 'browser',
    resolve: { conditionNames: ['@vaultmesh/source', 'browser', 'import', 'default'] },
    output: { format: 'esm', ...(single ? { codeSplitting: false } : {}) },
    write: false,
    logLevel: 'warn',
  })
  return new Map(
    output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : String(file.source)]),
  )
}
