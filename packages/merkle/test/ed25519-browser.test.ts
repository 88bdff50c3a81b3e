import { readFileSync } from 'node:fs'
import { describeWith } from '@vaultmesh/testing'
import { bundlePage, openBrowser, type Site, serveSite, visit } from '@vaultmesh/testing/browser'
import { beforeAll, expect, test } from 'vitest'
import type { Ed25519Vector } from './vectors/ed25519.ts'

const json = readFileSync(new URL('vectors/ed25519.json', import.meta.url), 'utf8')
const vectors: Ed25519Vector[] = JSON.parse(json)

/** Writes the verdict on each vector, in order, as a word of its own. */
const html = `<!doctype html><title>vectors</title><output></output><script type="module">
import { verifyEd25519 } from './ed25519.js'
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16))
const vectors = await (await fetch('vectors.json')).json()
const verdicts = []
for (const { publicKey, message, signature } of vectors) {
  verdicts.push(await verifyEd25519(bytes(publicKey), bytes(message), bytes(signature)))
}
document.querySelector('output').textContent = verdicts.join(' ') + ' end'
</script>`

describeWith(['chromium'], 'the Ed25519 vectors in Chromium', () => {
  let site: Site
  let verdictsAt: (url: string) => Promise<string | null>
  /** Which files the page has asked for. */
  let loaded: string[]

  beforeAll(async () => {
    const scripts = await bundlePage(new URL('../src/ed25519.ts', import.meta.url))
    const files = new Map([...scripts, ['index.html', html], ['vectors.json', json]])
    site = await serveSite((path) => {
      loaded.push(path)
      const body = files.get(path)
      return body === undefined ? undefined : { body }
    })
    const browser = await openBrowser()
    verdictsAt = async (url) => {
      loaded = []
      const { page } = await visit(browser, `${url}index.html`)
      return page.getByText(/ end$/).textContent()
    }
    return async () => {
      await browser.close()
      await site.close()
    }
  })

  const expected = `${vectors.map(({ valid }) => valid).join(' ')} end`
  const fallback = (path: string): boolean => path.startsWith('noble')

  test('get their verdict from its WebCrypto', async () => {
    expect(await verdictsAt(site.url)).toBe(expected)
    expect(loaded.some(fallback)).toBe(false)
  })

  test('get their verdict without WebCrypto', async () => {
    expect(await verdictsAt(site.insecureUrl)).toBe(expected)
    expect(loaded.some(fallback)).toBe(true)
  })
})
