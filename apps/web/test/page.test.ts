import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { forkCheckIds } from '@vaultmesh/federation'
import { encodeBody, writeCanonicalJson } from '@vaultmesh/remembrancer'
import { checkIds, parseBundle, parseEntry } from '@vaultmesh/remembrancer/verify'
import { describeWith, temporaryDirectory } from '@vaultmesh/testing'
import { type Browser, openBrowser, type Page, visit } from '@vaultmesh/testing/browser'
import { findChromium } from '@vaultmesh/testing/programs'
import { beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { explanations } from '../src/page/explain.ts'
import { type PageSite, policyOfLog, servePage, type Vector, vectorFile, vectors } from './kit.ts'

/** A file as the page gets it. */
interface Given {
  readonly name: string
  readonly bytes: Uint8Array
}

const vector = (path: string): Given => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  bytes: vectorFile(path),
})

const decision = vector('good/decision.vmproof.json')
const basic = vector('policies/basic.json')

/** One vector for each check that can be the one that fails. */
const worst: readonly (readonly [id: string, vector: Vector])[] = checkIds.flatMap((id) => {
  const found = vectors.find(({ failing }) => failing[0]?.id === id && failing.length === 1)
  return found === undefined ? [] : [[id, found] as const]
})

describeWith(['chromium'], 'the page, in Chromium', () => {
  let browser: Browser
  let site: PageSite
  let page: Page
  let problems: string[]
  /** What the browser asked for since the page had loaded, of whomever. */
  let asked: string[]
  let address: string

  beforeAll(async () => {
    const extra = new Map([['not-json', Uint8Array.of(255)]])
    ;[browser, site] = await Promise.all([openBrowser(), servePage(extra)])
    address = `${site.url}some/path/`
    ;({ page, problems } = await visit(browser))
    asked = []
    page.on('request', (request) => asked.push(request.url()))
    return async () => {
      await browser.close()
      await site.close()
    }
  })

  async function openPage(query = ''): Promise<void> {
    await page.goto(`${address}${query}`)
    await page.locator('#verdict[aria-busy="false"]').waitFor()
  }

  beforeEach(async () => {
    await openPage()
    asked.length = 0
    problems.length = 0
  })

  const labels = {
    proof: 'The proof',
    policy: 'The trust policy',
    body: 'The body of the record (optional)',
  }

  async function choose(use: keyof typeof labels, { name, bytes }: Given): Promise<void> {
    const input = page.getByLabel(labels[use], { exact: true })
    await input.setInputFiles({ name, mimeType: '', buffer: Buffer.from(bytes) })
  }

  async function drop(...files: readonly Given[]): Promise<void> {
    const given = files.map(({ name, bytes }) => ({
      name,
      base64: Buffer.from(bytes).toString('base64'),
    }))
    const transfer = await page.evaluateHandle(async (all) => {
      const list = new DataTransfer()
      for (const { name, base64 } of all) {
        const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
        list.items.add(new File([bytes], name))
      }
      return list
    }, given)
    await page.dispatchEvent('h1', 'drop', { dataTransfer: transfer })
  }

  /** How the last judgement ended, and its words. */
  async function verdict(): Promise<{ outcome: string | null; words: string }> {
    const element = page.locator('#verdict[aria-busy="false"][data-verdict]')
    const words = (await element.textContent()) ?? ''
    return { outcome: await element.getAttribute('data-verdict'), words }
  }

  /** The status of each check that is shown, by its id. */
  async function statuses(): Promise<Map<string, string>> {
    const shown = await page
      .locator('#checks li')
      .evaluateAll((items) =>
        items.map((item) => [item.getAttribute('data-check'), item.getAttribute('data-status')]),
      )
    return new Map(shown.map(([id, status]) => [id ?? '', status ?? '']))
  }

  /** What stands beside a term. */
  function fact(term: string): Promise<string | null> {
    return page.locator(`dt:text-is("${term}") + dd`).textContent()
  }

  describe('verifies', () => {
    it('a proof and a policy, dropped together, and asks nobody for anything', async () => {
      await drop(basic, decision)
      expect(await verdict()).toMatchObject({ outcome: 'verified' })
      expect([...(await statuses()).keys()]).toEqual([...checkIds])
      expect(await fact('Title')).toBe('Use PostgreSQL for orders')
      expect(await fact('Kind')).toBe('decision')
      expect(await fact('Signed no later than')).toBe('2026-11-23T12:00:00Z')
      expect(await fact('Signers')).toBe('signed in the name of Ada')
      expect(await fact('Log')).toContain('example.com/vm/payments, entry ')
      expect(await fact('SHA-256 of the policy')).toMatch(/^[0-9a-f]{64}$/)
      expect(await fact('Keys')).toBe('Ada (ed25519, record), for payments')
      expect(asked).toEqual([])
      expect(problems).toEqual([])
    })

    it('and says in words what each check means', async () => {
      await drop(basic, decision)
      await verdict()
      const shown = await page.locator('#checks').textContent()
      const isWeak = (id: string): boolean => ['time.independent', 'log.witnessed'].includes(id)
      for (const id of checkIds) {
        const { title, holds, otherwise } = explanations[id]
        expect(shown).toContain(title)
        expect(shown).toContain(isWeak(id) ? otherwise : holds)
      }
    })

    it('files one after the other, in either order, with the keyboard alone', async () => {
      const choosing = page.waitForEvent('filechooser')
      await choose('policy', basic)
      await page.getByText('now add a proof').waitFor()
      expect(await page.locator('#verdict').getAttribute('data-verdict')).toBeNull()
      // From the start of the page: the controls are reached in order, and opened by the keyboard.
      const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.id ?? '')
      await page.keyboard.press('Tab')
      expect(await focused()).toBe('proof')
      await page.keyboard.press('Enter')
      const chooser = await choosing
      await chooser.setFiles({ ...decision, mimeType: '', buffer: Buffer.from(decision.bytes) })
      expect(await verdict()).toMatchObject({ outcome: 'verified' })
      const held = page.getByText('Held: decision.vmproof.json, ')
      expect(await held.count()).toBe(1)
      // The next one is the button that lets go of it.
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
      await page.getByText('now add a proof').waitFor()
      expect(await held.count()).toBe(0)
      expect(await page.locator('#record').count()).toBe(0)
      expect(problems).toEqual([])
    })

    it('an OpenPGP signature, with a part of itself that it loads only then', async () => {
      await drop(vector('policies/openpgp.json'), decision)
      expect(await verdict()).toMatchObject({ outcome: 'failed' })
      expect(asked).toEqual([])
      await drop(vector('good/openpgp.vmproof.json'))
      expect(await verdict()).toMatchObject({ outcome: 'verified' })
      expect(asked).toHaveLength(1)
      expect(asked[0]).toMatch(new RegExp(`^${address}assets/openpgp[^/]*\\.js$`))
      await drop(vector('good/openpgp-subkey.vmproof.json'))
      expect(await verdict()).toMatchObject({ outcome: 'verified' })
      expect(asked).toHaveLength(1)
      expect(problems).toEqual([])
    })

    it('without a network, once it is loaded', async () => {
      await page.context().setOffline(true)
      onTestFinished(() => page.context().setOffline(false))
      await drop(basic, decision)
      expect(await verdict()).toMatchObject({ outcome: 'verified' })
      await drop(vector('policies/openpgp.json'), vector('good/openpgp.vmproof.json'))
      const { outcome, words } = await verdict()
      expect(outcome).toBe('refused')
      expect(words).toContain('Reload the page')
    })

    it('that a log has forked, with a part of itself that it loads only then', async () => {
      const policy = { name: 'policy.json', bytes: policyOfLog('fork/policies/open.txt') }
      await drop(policy, vector('fork/good/parted.vmfork.json'))
      const { outcome, words } = await verdict()
      expect(outcome).toBe('verified')
      expect(words).toContain('this log has forked')
      expect([...(await statuses()).keys()]).toEqual([...forkCheckIds])
      expect(await fact('They part at')).toBe('entry 3: all before it are common')
      expect(asked).toHaveLength(1)
      expect(asked[0]).toMatch(new RegExp(`^${address}assets/judge-fork-[^/]*.js$`))
      expect(problems).toEqual([])
    })

    it('the body of a record, and shows it', async () => {
      const proof = vector('good/inline-body.vmproof.json')
      const bundle = parseBundle(proof.bytes)
      const entry = bundle.ok ? parseEntry(bundle.value.entry) : bundle
      // Its text ends in a character that would turn around what follows.
      const record = JSON.parse(
        new TextDecoder().decode(entry.ok ? entry.value.payload : undefined),
      )
      const body = { name: 'body.json', bytes: encodeBody(record.predicate.body) }
      await drop(basic, proof, body)
      expect(await verdict()).toMatchObject({ outcome: 'verified' })
      expect((await statuses()).get('body.file')).toBe('pass')
      expect(await page.locator('#body-text').textContent()).toBe(
        record.predicate.body.text.replaceAll('\u202e', 'U+202E'),
      )
      await choose('body', { ...body, bytes: encodeBody({ ...record.predicate.body, text: 'no' }) })
      expect(await verdict()).toMatchObject({ outcome: 'failed' })
      expect((await statuses()).get('body.file')).toBe('fail')
      expect(await page.locator('#body-text').count()).toBe(0)
    })
  })

  describe('refuses', () => {
    it('each kind of tampered proof, and names what fails', async () => {
      expect(worst.map(([id]) => id)).toEqual([...checkIds])
      for (const [id, { file, policy, failing }] of worst) {
        await drop(vector(policy), vector(file))
        await page.getByText(`(${id}: `).waitFor()
        const { outcome, words } = await verdict()
        expect(outcome, file).toBe('failed')
        expect(words).toContain('Not verified')
        expect((await statuses()).get(id), file).toBe(failing[0]?.status)
        expect(await page.locator('#record[data-believed="true"]').count()).toBe(0)
      }
      expect(problems).toEqual([])
    })

    it('to say anything for a proof without a policy, and marks what it says as claims', async () => {
      await drop(decision)
      const { outcome, words } = await verdict()
      expect(outcome).toBe('refused')
      expect(words).toContain('there is no trust policy')
      const record = page.locator('#record')
      expect(await record.getAttribute('data-believed')).toBe('false')
      expect(await record.textContent()).toContain('What the proof claims')
      expect(await record.textContent()).toContain('Use PostgreSQL for orders')
      await drop(basic)
      expect(await verdict()).toMatchObject({ outcome: 'verified' })
      expect(await record.getAttribute('data-believed')).toBe('true')
    })

    it('a proof under the policy of somebody else', async () => {
      await drop(decision, vector('policies/openpgp.json'))
      expect(await verdict()).toMatchObject({ outcome: 'failed' })
      expect((await statuses()).get('signature.key')).toBe('untrusted')
    })

    const deep = new TextEncoder().encode('['.repeat(2_000_000))
    const named = (name: string, bytes: Uint8Array): Given => ({ name, bytes })
    const others: readonly (readonly [string, Given, string])[] = [
      ['a program', named('x.bin', new Uint8Array(4096).fill(0x90)), 'x.bin is neither a proof'],
      ['an empty file', named('empty', new Uint8Array()), 'empty is neither a proof'],
      ['deep JSON', named('deep.vmproof.json', deep), '(bundle.format: nested more than 32 deep)'],
      [
        'a policy in the guise of a proof',
        named('a.vmproof.json', basic.bytes),
        'is a trust policy',
      ],
      ['a policy in YAML', named('policy.yaml', Uint8Array.of(0x20)), 'vm trust export writes'],
      ['a second proof', { ...decision, name: 'b.vmproof.json' }, 'are for the same use'],
    ]
    it.each(others)('%s, after a proof that it had verified', async (_what, given, sentence) => {
      await drop(basic, decision)
      expect(await verdict()).toMatchObject({ outcome: 'verified' })
      await (given.name === 'b.vmproof.json' ? drop(given, decision) : drop(given))
      await page.locator('#verdict:not([data-verdict="verified"])[data-verdict]').waitFor()
      expect((await verdict()).words).toContain(sentence)
      expect(problems).toEqual([])
    })

    it('50 MB, without reading them', async () => {
      await drop(basic, decision)
      expect(await verdict()).toMatchObject({ outcome: 'verified' })
      for (const [name, limit] of [
        ['huge.vmproof.json', '4.2 MB'],
        ['huge', '16.8 MB'],
      ] as const) {
        const transfer = await page.evaluateHandle((given) => {
          const file = new File([new Uint8Array(50_000_000)], given)
          for (const read of ['arrayBuffer', 'bytes', 'slice', 'stream', 'text']) {
            Object.defineProperty(file, read, {
              value: () => document.body.append(`it was read by ${read}`),
            })
          }
          const list = new DataTransfer()
          list.items.add(file)
          return list
        }, name)
        await page.dispatchEvent('h1', 'drop', { dataTransfer: transfer })
        await page.getByText(`${name} has 50.0 MB; at most ${limit} are read.`).waitFor()
        expect(await verdict()).toMatchObject({ outcome: 'refused' })
      }
      expect(await page.getByText('it was read').count()).toBe(0)
    })

    it('a file in the wrong place', async () => {
      await choose('policy', decision)
      expect((await verdict()).words).toContain('is a proof, which does not belong here')
      expect(await page.getByText('Held:').count()).toBe(0)
    })
  })

  it('shows what somebody else wrote as text, with what is hidden in it spelled out', async () => {
    const name = '<img src=x onerror=alert(1)>\u202egnp.vmproof.json'
    await drop({ ...decision, name })
    await verdict()
    expect(await page.locator('img').count()).toBe(0)
    const held = await page.locator('#proof-held').textContent()
    expect(held).toContain('Held: <img src=x onerror=alert(1)>U+202Egnp.vmproof.json, ')
    // The browser's own control would show it turned around.
    const named = page.locator('#proof').evaluate((input) => {
      return input instanceof HTMLInputElement ? input.files?.[0]?.name : undefined
    })
    expect(await named).toBe('<img src=x onerror=alert(1)>U+202Egnp.vmproof.json')
    const proof = vector('good/unknown-predicate-member.vmproof.json')
    const statement = (text: string): Uint8Array => {
      const bundle = JSON.parse(new TextDecoder().decode(proof.bytes))
      const entry = JSON.parse(Buffer.from(bundle.entry, 'base64').toString())
      // Its text ends in a character that would turn around what follows.
      const record = JSON.parse(Buffer.from(entry.envelope.payload, 'base64').toString())
      record.predicate.remark = text
      entry.envelope.payload = Buffer.from(writeCanonicalJson(record)).toString('base64')
      return writeCanonicalJson({
        ...bundle,
        entry: Buffer.from(writeCanonicalJson(entry)).toString('base64'),
      })
    }
    await drop(basic, { ...proof, bytes: statement('</pre><script>alert(1)</script>\u2066\u200b') })
    expect(await verdict()).toMatchObject({ outcome: 'failed' })
    const shown = await page.locator('#record pre').textContent()
    expect(shown).toContain('</pre><script>alert(1)</script>U+2066U+200B')
    expect(await page.locator('#record script').count()).toBe(0)
    expect(problems).toEqual([])
  })

  it('fits a narrow screen, and wide ones', async () => {
    onTestFinished(() => page.setViewportSize({ width: 1280, height: 720 }))
    await drop(basic, decision)
    expect(await verdict()).toMatchObject({ outcome: 'verified' })
    for (const width of [320, 390, 800, 1000, 2000]) {
      await page.setViewportSize({ width, height: 700 })
      const taken = await page.evaluate(() => document.documentElement.scrollWidth)
      expect(taken, `at ${width}`).toBeLessThanOrEqual(width)
    }
  })

  it('can not be made to connect elsewhere, or to run what is not its own', async () => {
    // As text, so that nothing that runs the tests changes it.
    const reached = await page.evaluate(`Promise.all([
      () => fetch('http://elsewhere.test/'),
      () => import('data:text/javascript,1'),
      async () => { document.createElement('script').text = '1' },
      async () => { document.body.innerHTML = '<p>' },
    ].map((attempt) => attempt().then(() => 'reached', () => 'refused')))`)
    expect(reached).toEqual(['refused', 'refused', 'refused', 'refused'])
  })

  it('does nothing inside of a page that may show a part of it only', async () => {
    const other = await visit(browser)
    onTestFinished(() => other.page.context().close())
    const path = `${address}?proof=/data/good/decision.vmproof.json&policy=/data/policies/basic.json`
    // A host that sends no headers of ours.
    await other.page.route(`${address}**`, async (route) => {
      const response = await route.fetch()
      const { 'content-security-policy': _policy, ...headers } = response.headers()
      await route.fulfill({ response, headers })
    })
    await other.page.route('**/outer', (route) =>
      route.fulfill({ contentType: 'text/html', body: `<iframe src="${path}"></iframe>` }),
    )
    await other.page.goto(`${site.insecureUrl}outer`)
    const framed = other.page.frameLocator('iframe')
    await framed.getByText('This page is shown inside of another one.').waitFor()
    expect(await framed.locator('#verdict').count()).toBe(0)
  })

  it('says why nothing happens where it can not start', async () => {
    const context = await browser.newContext({ javaScriptEnabled: false })
    onTestFinished(() => context.close())
    const other = await context.newPage()
    await other.goto(address)
    expect(await other.locator('body').textContent()).toContain('This page could not start')
    expect(await page.locator('body').textContent()).not.toContain('could not start')
  })

  it('says that it can do nothing where there is no WebCrypto', async () => {
    const other = await visit(browser, `${site.insecureUrl}some/path/`)
    onTestFinished(() => other.page.context().close())
    await other.page.getByText('This page was loaded without TLS').waitFor()
    expect(await other.page.locator('input').count()).toBe(0)
  })

  describe('follows its address', () => {
    const proof = '/data/good/decision.vmproof.json'
    const policy = '/data/policies/basic.json'

    it('to files of its own origin, and says who named them', async () => {
      await openPage(`?proof=${proof}&policy=../..${policy}`)
      const { outcome, words } = await verdict()
      expect(outcome).toBe('verified')
      expect(words).toMatch(
        /^! Verified only for the trust policy that the link chose\.Whoever made/,
      )
      const record = page.locator('#record')
      expect(await record.getAttribute('data-believed')).toBe('false')
      expect(await record.textContent()).toContain('These are claims')
      expect(await page.locator('#trust').textContent()).toContain('whoever made the link chose')
      expect(asked.filter((url) => url.startsWith(`${site.url}data/`))).toHaveLength(2)
      await drop(basic)
      await page.locator('#record[data-believed="true"]').waitFor()
      expect((await verdict()).words).toMatch(/^✓ Verified\./)
      expect(problems).toEqual([])
    })

    const others: readonly (readonly [string, string, string])[] = [
      ['to another origin', '?proof=http://elsewhere.test/x', 'of another origin'],
      ['to nothing', '?proof=/nothing', '/nothing was not found: the server answers 404.'],
      ['to what is no proof', `?proof=/not-json&policy=${policy}`, 'bundle.format: not UTF-8'],
      ['to a proof alone', `?proof=${proof}`, 'there is no trust policy'],
    ]
    it.each(others)('but not %s', async (_where, query, sentence) => {
      await openPage(query)
      const { outcome, words } = await verdict()
      expect(outcome).not.toBe('verified')
      expect(words).toContain(sentence)
      expect(asked.filter((url) => !url.startsWith(site.url))).toEqual([])
    })

    /** What Chromium prints of a page as soon as it is loaded, without waiting for anything else. */
    async function dumped(query: string): Promise<string> {
      const chromium = spawn(
        findChromium() ?? '',
        [
          '--headless',
          '--no-sandbox',
          `--user-data-dir=${temporaryDirectory()}`,
          '--dump-dom',
          `${address}${query}`,
        ],
        { stdio: ['ignore', 'pipe', 'ignore'] },
      )
      return text(chromium.stdout)
    }

    it('before it counts as loaded, so that a browser can print the verdict', async () => {
      const html = await dumped(`?proof=${proof}&policy=${policy}`)
      expect(html).toMatch(/<section id="verdict"[^>]* data-verdict="verified"/)
      expect(html).toContain('Use PostgreSQL for orders')
    })
  })
})
