import { expect, onTestFinished } from 'vitest'
import { openBrowser, serveSite, visit } from '../src/browser.ts'
import { itWith } from '../src/requirements.ts'

itWith(
  ['chromium'],
  'a page shows what went wrong in it, and reaches nothing but loopback',
  async () => {
    const pages = new Map([
      ['good.html', '<!doctype html><p>fine</p>'],
      [
        'bad.html',
        '<!doctype html><script>console.error("said"); throw new Error("thrown")</script>',
      ],
    ])
    const site = await serveSite((path) => {
      const body = pages.get(path)
      return body === undefined ? undefined : { body, headers: { 'x-path': path } }
    })
    onTestFinished(() => site.close())
    const browser = await openBrowser()
    onTestFinished(() => browser.close())

    const { page, problems } = await visit(browser, `${site.url}good.html?query`)
    expect(await page.locator('p').textContent()).toBe('fine')
    expect(await page.evaluate(() => isSecureContext)).toBe(true)
    expect(problems).toEqual([])
    await page.goto(`${site.url}bad.html`)
    expect(problems.toSorted()).toEqual(['Error: thrown', 'said'])

    await page.goto(`${site.insecureUrl}good.html`)
    expect(await page.evaluate(() => isSecureContext)).toBe(false)
    const port = new URL(site.url).port
    const answer = await page.goto(`http://anything.example:${port}/good.html`)
    expect([answer?.status(), answer?.headers()['x-path']]).toEqual([200, 'good.html'])
    expect((await page.goto(`${site.url}absent.html`))?.status()).toBe(404)
  },
)
