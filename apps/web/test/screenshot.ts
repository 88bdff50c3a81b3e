/**
 * Takes the picture of the page that the READMEs show:
 *
 *     node --conditions=@vaultmesh/source apps/web/test/screenshot.ts
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { openBrowser } from '@vaultmesh/testing/browser'
import { servePage, vectorFile } from './kit.ts'

const folder = join(import.meta.dirname, '../../../docs/images')
const files = {
  'The proof': 'good/decision.vmproof.json',
  'The trust policy': 'policies/basic.json',
}

const [browser, site] = await Promise.all([openBrowser(), servePage()])
try {
  const page = await browser.newPage({
    viewport: { width: 1080, height: 1290 },
    deviceScaleFactor: 0.75,
    colorScheme: 'light',
  })
  await page.goto(`${site.url}some/path/`)
  for (const [label, path] of Object.entries(files)) {
    const name = path.slice(path.indexOf('/') + 1)
    await page
      .getByLabel(label)
      .setInputFiles({ name, mimeType: '', buffer: Buffer.from(vectorFile(path)) })
  }
  await page.locator('[data-verdict="verified"]').waitFor()
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, 'verify-page.png') })
} finally {
  await browser.close()
  await site.close()
}
