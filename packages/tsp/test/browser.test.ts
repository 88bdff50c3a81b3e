import { createHash } from 'node:crypto'
import { closeSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describeWith, temporaryDirectory } from '@vaultmesh/testing'
import {
  type Browser,
  bundlePage,
  openBrowser,
  type Page,
  type Site,
  serveSite,
  visit,
} from '@vaultmesh/testing/browser'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { writeExplicit, writeInteger, writeOctets, writeSequence } from '../src/der-write.ts'
import { timestampCheckIds } from '../src/verdict.ts'
import { data, digestIdentifier, directoryName, forge, info, root } from './forge.ts'
import { pem } from './peers/question.ts'
import {
  commonName,
  ecKey,
  ed25519Key,
  pssKey,
  rootCa,
  rsaKey,
  stamper,
  type TestKey,
} from './pki.ts'
import { conformanceFile, embeddedCas, tokenIn } from './real-tokens.ts'

const example = new URL('../examples/browser/', import.meta.url)

/** A file as the page gets it: a path, or a name and bytes. */
type Given = string | { readonly name: string; readonly bytes: Uint8Array }

const named = (name: string, bytes: Uint8Array | string): Given => ({
  name,
  bytes: typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes,
})

describeWith(['chromium'], 'the page, in Chromium', () => {
  let browser: Browser
  let site: Site
  let page: Page
  let problems: string[]
  /** What was asked of the site since the page had loaded. */
  let requests: string[]

  beforeAll(async () => {
    browser = await openBrowser()
    const scripts = await bundlePage(new URL('page.ts', example), { single: true })
    expect([...scripts.keys()]).toEqual(['page.js'])
    site = await serveSite((path) => {
      requests.push(path)
      if (scripts.has(path)) return { body: scripts.get(path) ?? '' }
      if (!['index.html', 'style.css'].includes(path)) return undefined
      return { body: readFileSync(new URL(path, example)) }
    })
    requests = []
    ;({ page, problems } = await visit(browser))
    page.on('request', (request) => requests.push(request.url()))
    return async () => {
      await browser.close()
      await site.close()
    }
  })

  beforeEach(async () => {
    await page.goto(`${site.url}index.html`)
    await page.getByText(/^This browser can check/).waitFor()
    problems.length = 0
    requests.length = 0
  })

  const labels = ['The file that was stamped', 'Its timestamp', "The authority's root certificate"]

  /** Chooses the files, and gives what the page says of them. */
  async function check(...files: readonly [data: Given, stamp: Given, root: Given]) {
    return checkOn(page, ...files)
  }

  async function checkOn(on: Page, ...files: readonly Given[]) {
    for (const [index, file] of files.entries()) {
      const input = on.getByLabel(labels[index] ?? '')
      await input.setInputFiles(
        typeof file === 'string'
          ? file
          : { name: file.name, mimeType: '', buffer: Buffer.from(file.bytes) },
      )
    }
    await on.getByRole('button', { name: 'Check' }).click()
    return said(on)
  }

  async function said(on = page): Promise<string> {
    const verdict = on.getByRole('status').filter({ hasText: /^(The timestamp|Refused|Not)/ })
    return (await verdict.textContent()) ?? ''
  }

  /** The result of each check, by its id, as the table has it. */
  async function results(): Promise<Map<string, string>> {
    const ids = await page.locator('tbody th').allTextContents()
    const found = await page.locator('tbody th + td').allTextContents()
    return new Map(ids.map((id, index) => [id, found[index] ?? '']))
  }

  /** What stands in the list beside a term. */
  async function fact(term: string): Promise<string | null> {
    return page.locator(`dt:text-is("${term}") + dd`).textContent()
  }

  const file = named('report.pdf', data)
  const rootPem = named('root.pem', pem('CERTIFICATE', root.der))

  describeWith(['conformance'], 'verifies', () => {
    const name = 'test-app.tar.gz'
    const stamped = named(name, conformanceFile(`predecessor/${name}`))
    const response = conformanceFile(`predecessor/${name}.tsr`)
    const token = tokenIn(`predecessor/${name}.tsr`)
    const [freetsaRoot = token] = embeddedCas(token)

    it('a token of FreeTSA, after its certificate has expired, and asks nobody', async () => {
      const anchor = named('cacert.pem', pem('CERTIFICATE', freetsaRoot))
      expect(await check(stamped, named(`${name}.tsr`, response), anchor)).toBe(
        'The timestamp holds: test-app.tar.gz existed no later than 2025-10-19 20:16:18 UTC. Something about it is weak: see below.',
      )
      expect(await fact('Given')).toBe('a response, with a token inside')
      expect(await fact('Weak')).toContain('SHA-1')
      const found = await results()
      expect([...found.keys()]).toEqual([...timestampCheckIds])
      expect(found.get('token.signing-certificate')).toBe('holds, but is weak')
      expect(found.get('token.path')).toBe('holds')
      expect(requests).toEqual([])
      expect(problems).toEqual([])
      // The policy of the page forbids it to do otherwise.
      const reached = await page.evaluate(() =>
        fetch('/index.html').then(
          () => 'reached',
          () => 'refused',
        ),
      )
      expect(reached).toBe('refused')
    })

    it('the bare token, with the root in DER, and says which it is', async () => {
      const anchor = named('root.der', freetsaRoot)
      expect(await check(stamped, named('token.tst', token), anchor)).toContain('holds')
      expect(await fact('Given')).toBe('a bare token')
    })
  })

  const keys: readonly (readonly [string, () => TestKey])[] = [
    ['RSA', () => rsaKey('sha512')],
    ['RSA-PSS', () => pssKey()],
    ['ECDSA on P-256', () => ecKey('P-256')],
    ['ECDSA on P-384', () => ecKey('P-384')],
    ['ECDSA on P-521', () => ecKey('P-521')],
    ['Ed25519', () => ed25519Key()],
  ]
  it.each(keys)('verifies a token signed by %s, and says that it can', async (name, key) => {
    const anchor = rootCa({ key: key() })
    const token = forge({ signer: stamper(anchor, { key: key() }) })
    const verdict = await check(file, named('t.tst', token), named('root.der', anchor.der))
    expect(verdict).toBe(
      'The timestamp holds: report.pdf existed no later than 2025-01-02 03:04:05.678 UTC.',
    )
    const abilities = await page.getByText(/^This browser can check/).textContent()
    expect(abilities).toContain(name)
    expect(abilities).not.toContain("can't")
  })

  it('takes what is dropped on it, in any order, and checks it at once', async () => {
    const dropped = [file, rootPem, named('unnamed', forge())].flatMap((given) =>
      typeof given === 'string' ? [] : [{ name: given.name, bytes: [...given.bytes] }],
    )
    const transfer = await page.evaluateHandle((files) => {
      const list = new DataTransfer()
      for (const { name, bytes } of files) list.items.add(new File([new Uint8Array(bytes)], name))
      return list
    }, dropped)
    await page.dispatchEvent('h1', 'drop', { dataTransfer: transfer })
    expect(await said()).toContain('report.pdf existed no later than')
    expect(problems).toEqual([])
  })

  describe('refuses, and names the check,', () => {
    const token = forge()
    const flipped = Uint8Array.from(token)
    flipped.set([(flipped.at(-1) ?? 0) ^ 1], flipped.length - 1)
    const ber = Uint8Array.of(0x30, 0x80, ...token.subarray(4), 0, 0)
    const others: readonly (readonly [string, readonly [Given, Given, Given], string])[] = [
      ['a flipped byte', [file, named('t.tst', flipped), rootPem], 'token.signature'],
      ['another file', [named('other', 'other'), named('t.tst', token), rootPem], 'token.imprint'],
      [
        'another root',
        [file, named('t.tst', token), named('root.der', rootCa().der)],
        'token.anchor',
      ],
      ['BER', [file, named('t.tst', ber), rootPem], 'token.definite-length'],
      [
        'a byte after the token',
        [file, named('t.tst', Uint8Array.of(...token, 0)), rootPem],
        'token.der',
      ],
      [
        'another thing than a timestamp',
        [file, named('t.tst', root.der), rootPem],
        'token.content-info',
      ],
      ['a large file', [file, named('t.tst', new Uint8Array(100_000)), rootPem], 'token.size'],
    ]
    it.each(others)('%s', async (_what, given, id) => {
      expect(await check(...given)).toMatch(new RegExp(`^Refused: .*\\(${id}\\)`))
      const found = await results()
      expect([...found.keys()]).toEqual([...timestampCheckIds])
      expect(found.get(id)).toMatch(/^(fails|not trusted)$/)
      expect(problems).toEqual([])
    })

    it('what is no certificate, and a response that grants nothing', async () => {
      expect(await check(file, named('t.tst', token), named('root.pem', 'root'))).toBe(
        'Not judged: root.pem has no certificate to trust.',
      )
      const rejection = writeSequence(writeSequence(writeInteger(2)))
      expect(await check(file, named('t.tsr', rejection), rootPem)).toBe(
        'Refused (REJECTED): the authority did not grant a token: status 2.',
      )
    })
  })

  it('shows markup out of a token as what it is', async () => {
    const markup = '<img src=x onerror=alert(1)>'
    const tsa = writeExplicit(0, directoryName(commonName(markup)))
    const token = forge({ info: info({ tsa }) })
    expect(await check(file, named('t.tst', token), rootPem)).toContain('token.tsa-name')
    expect(await fact('Claimed authority')).toBe(`CN=${markup}`)
    expect(await page.locator('img').count()).toBe(0)
  })

  it('hashes a large file as it is read, and keeps none of it', async () => {
    const size = 50 * 1024 * 1024
    const path = join(temporaryDirectory(), 'large.bin')
    writeFileSync(path, data)
    const handle = openSync(path, 'r+')
    ftruncateSync(handle, size)
    closeSync(handle)
    const digest = createHash('sha256').update(readFileSync(path)).digest()
    const imprint = writeSequence(digestIdentifier('sha256'), writeOctets(digest))
    const token = forge({ info: info({ imprint }) })
    // Reading all of it at once is made impossible, and the largest piece is noted.
    await page.evaluate(() => {
      const limit = 2_000_000
      const { arrayBuffer, stream } = Blob.prototype
      Blob.prototype.arrayBuffer = function () {
        if (this.size > limit) throw new Error('read at once')
        return arrayBuffer.call(this)
      }
      Blob.prototype.stream = function () {
        document.body.dataset['largest'] = '0'
        const noted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
          transform(piece, controller) {
            const largest = Math.max(Number(document.body.dataset['largest']), piece.length)
            document.body.dataset['largest'] = String(largest)
            controller.enqueue(piece)
          },
        })
        return stream.call(this).pipeThrough(noted)
      }
    })
    expect(await check(path, named('t.tst', token), rootPem)).toContain('The timestamp holds')
    const largest = await page.evaluate(() => Number(document.body.dataset['largest']))
    expect(largest).toBeGreaterThan(0)
    expect(largest).toBeLessThan(4 * 1024 * 1024)
    expect(requests).toEqual([])
  })

  it('says that it can do nothing where there is no WebCrypto', async () => {
    await page.goto(`${site.insecureUrl}index.html`)
    await page.getByText(/^This page was loaded without TLS/).waitFor()
    expect(await page.getByRole('button', { name: 'Check' }).isDisabled()).toBe(true)
  })

  it('says which signatures a browser can not check', async () => {
    const other = await visit(browser)
    onTestFinished(() => other.page.context().close())
    await other.page.addInitScript(() => {
      const { generateKey, importKey } = crypto.subtle
      const isEd25519 = (algorithm: unknown) => algorithm === 'Ed25519'
      const absent = () => Promise.reject(new DOMException('', 'NotSupportedError'))
      Object.assign(SubtleCrypto.prototype, {
        generateKey: (...given: Parameters<typeof generateKey>) =>
          isEd25519(given[0]) ? absent() : generateKey.apply(crypto.subtle, given),
        importKey: (...given: Parameters<typeof importKey>) =>
          isEd25519(given[2]) ? absent() : importKey.apply(crypto.subtle, given),
      })
    })
    await other.page.goto(`${site.url}index.html`)
    await other.page
      .getByText("It can't check Ed25519: such a timestamp is refused here.")
      .waitFor()
    const token = forge({ signer: stamper(root, { key: ed25519Key() }) })
    expect(await checkOn(other.page, file, named('t.tst', token), rootPem)).toBe(
      'Refused: WebCrypto refuses the key or the algorithm (ed25519) (token.signature).',
    )
  })
})
