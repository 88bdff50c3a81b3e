import { readFileSync } from 'node:fs'
import { describeWith } from '@vaultmesh/testing'
import {
  type Browser,
  bundlePage,
  openBrowser,
  type Page,
  type Site,
  serveSite,
  visit,
} from '@vaultmesh/testing/browser'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { encodeHex } from '../src/bytes.ts'
import { entryBundlePath, tilePath } from '../src/tiles.ts'
import { type Files, type StaticLog, staticLog } from './static-log.ts'
import { entriesOf, flipBit, treeHash } from './support.ts'

const example = new URL('../examples/browser/', import.meta.url)
const entries = entriesOf(1000)

describeWith(['chromium'], 'in Chromium', () => {
  let browser: Browser

  beforeAll(async () => {
    browser = await openBrowser()
    return () => browser.close()
  })

  describe('the example', () => {
    let page: Page
    let problems: string[]
    let log: StaticLog
    let older: StaticLog
    let site: Site
    /** What the log's server has. */
    let files: Files
    /** What its server redirects elsewhere. */
    let redirected: string | undefined
    /** Which scripts the page has asked for. */
    let loaded: string[]

    beforeAll(async () => {
      log = await staticLog(entries, { witnesses: 2 })
      older = await staticLog(entries.slice(0, 900), { witnesses: 2 })
      const html = readFileSync(new URL('index.html', example), 'utf8')
      const scripts = await bundlePage(new URL('verify.ts', example))
      site = await serveSite((path) => {
        if (path === 'index.html') return { body: html }
        if (scripts.has(path)) loaded.push(path)
        if (path === redirected) return { status: 302, headers: { location: '/' }, body: '' }
        const body = path.startsWith('log/') ? files.get(path.slice(4)) : scripts.get(path)
        return body === undefined ? undefined : { body }
      })
      ;({ page, problems } = await visit(browser))
      return async () => {
        await page.context().close()
        await site.close()
      }
    })

    /** A browser that has not seen the log, and a server that has all of it. */
    beforeEach(async () => {
      files = new Map(log.files)
      loaded = []
      redirected = undefined
      await page.goto(`${site.url}index.html`)
      await page.evaluate(() => localStorage.clear())
      problems.length = 0
    })

    function flip(path: string, bit: number): void {
      files.set(path, flipBit(files.get(path) ?? new Uint8Array(), bit))
    }

    /** Fills in the form as somebody would who trusts the log, and gives what the page then says. */
    async function verify(index = 700): Promise<string> {
      await page.reload()
      await page.getByLabel('Log at').fill(new URL('log', page.url()).href)
      await page.getByLabel('Origin').fill(log.origin)
      await page.getByLabel('Policy').fill(log.policy)
      await page.getByLabel('Entry number').fill(String(index))
      await page.getByRole('button').click()
      const status = page.getByText(/^(Verified|Refused|Nothing|The policy)/)
      return (await status.textContent()) ?? ''
    }

    test('verifies an entry of a good log, and shows it with its proof', async () => {
      expect(await verify()).toBe(
        'Verified: entry 700 is in example.com/log, which has 1000 entries; w0 and w1 saw it.',
      )
      expect(await page.locator('#entry').textContent()).toBe('entry 700')
      const proof = await page.locator('#proof').textContent()
      expect(proof).toContain('c2sp.org/tlog-proof@v1\nindex 700\n')
      expect(problems).toEqual([])
      // The browser has Ed25519, so ours was not needed.
      expect(new Set(loaded)).toEqual(new Set(['verify.js']))
    })

    test('says the same where there is no WebCrypto', async () => {
      await page.goto(`${site.insecureUrl}index.html`)
      expect(await page.evaluate(() => typeof crypto.subtle)).toBe('undefined')
      expect(await verify()).toContain('Verified: entry 700')
      expect(new Set(loaded).size).toBeGreaterThan(1)
      resize('1001')
      expect(await verify()).toContain('Refused (BAD_SIGNATURE)')
      expect(problems).toEqual([])
    })

    /** Writes another size into the checkpoint. */
    function resize(size: string): void {
      const text = new TextDecoder().decode(files.get('checkpoint'))
      files.set('checkpoint', new TextEncoder().encode(text.replace('\n1000\n', `\n${size}\n`)))
    }

    describe('refuses', () => {
      test('a flipped tile', async () => {
        flip(tilePath(0, 2n), 7)
        expect(await verify()).toBe(
          'Refused (TILE_MISMATCH): tile/0/002 is not the tile that the root of 1000 leaves stands for',
        )
        expect(await page.locator('#entry').textContent()).toBe('')
      })

      test('a flipped tile at the right edge', async () => {
        flip(tilePath(0, 3n, 232), 7)
        expect(await verify()).toContain(
          'Refused (ROOT_MISMATCH): tile/1/000.p/3 or tile/0/003.p/232',
        )
      })

      test('a flipped entry', async () => {
        flip(entryBundlePath(2n), 40)
        expect(await verify()).toBe(
          'Refused (ENTRY_MISMATCH): tile/entries/002: entry 512 is not the one in the tree',
        )
      })

      test('a forged checkpoint', async () => {
        resize('1001')
        expect(await verify()).toContain('Refused (BAD_SIGNATURE)')
        files = (await staticLog(entries.with(700, new Uint8Array(4)), { key: 9, witnesses: 2 }))
          .files
        expect(await verify()).toContain('Refused (NO_TRUSTED_SIGNATURE)')
      })

      test('a checkpoint that the witnesses did not see', async () => {
        files = (await staticLog(entries)).files
        expect(await verify()).toContain('Refused (NO_QUORUM)')
      })

      test('a redirect', async () => {
        redirected = 'log/checkpoint'
        expect(await verify()).toContain('Refused (REDIRECTED)')
      })

      test('an entry that the log does not have, and a log that is gone', async () => {
        expect(await verify(1000)).toContain('Refused (INDEX_BEYOND_SIZE)')
        files.clear()
        expect(await verify()).toContain('Refused (CHECKPOINT_MISSING)')
      })

      test('a log that goes back behind what this browser has seen', async () => {
        files = older.files
        expect(await verify()).toContain('which has 900 entries')
        files = log.files
        expect(await verify()).toContain('which has 1000 entries')
        files = older.files
        expect(await verify()).toContain('Refused (ROLLBACK): the log served size 900')
      })
    })
  })

  test('a whole log is hashed by SIMD, and without it where the page forbids that', async () => {
    const scripts = await bundlePage(new URL('browser/whole-log.ts', import.meta.url))
    const html = '<!doctype html><body><script type="module" src="/whole-log.js"></script></body>'
    const site = await serveSite((path) => {
      const allowed = path.startsWith('strict/') ? '' : " 'wasm-unsafe-eval'"
      const policy = `default-src 'none'; script-src 'self'${allowed}; worker-src 'self'`
      const body = path.endsWith('index.html') ? html : scripts.get(path)
      return body === undefined
        ? undefined
        : { body, headers: { 'content-security-policy': policy } }
    })
    onTestFinished(() => site.close())
    const text = async (path: string): Promise<string> => {
      const { page } = await visit(browser, `${site.url}${path}`)
      const result = await page.getByText(/(simd|fallback) [0-9a-f]{64}$/).textContent()
      await page.context().close()
      return result ?? ''
    }
    const root = encodeHex(treeHash(entriesOf(5000)))
    expect(await text('index.html')).toBe(`simd ${root}`)
    expect(await text('index.html#worker')).toBe(`in a worker: simd ${root}`)
    expect(await text('strict/index.html')).toBe(`fallback ${root}`)
  })
})
