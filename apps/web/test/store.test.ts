import { effect } from '@preact/signals'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Surroundings } from '../src/page/judge.ts'
import { createStore, type Store } from '../src/page/store.ts'
import { vectorFile } from './kit.ts'

const surroundings: Surroundings = {
  loadForks: () => import('../src/page/judge-fork.ts'),
  loadOpenPgp: () => import('openpgp'),
}

const given = (path: string, name = path.slice(path.lastIndexOf('/') + 1)): File =>
  new File([vectorFile(path)], name)

const decision = given('good/decision.vmproof.json')
const basic = given('policies/basic.json')
const byOpenPgp = [given('policies/openpgp.json'), given('good/openpgp.vmproof.json')]

/** Every headline that is shown, in order. */
function headlines(store: Store): readonly string[] {
  const shown: string[] = []
  effect(() => {
    const headline = store.report.value?.headline
    if (headline !== undefined) shown.push(headline)
  })
  return shown
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a page that is given files', () => {
  it('at once, one after the other, holds all of them and judges them once', async () => {
    const loadOpenPgp = vi.fn(surroundings.loadOpenPgp)
    const store = createStore({ ...surroundings, loadOpenPgp })
    const shown = headlines(store)
    await Promise.all([store.take(byOpenPgp), store.take([basic]), store.take([decision])])
    expect(shown).toEqual(['Verified.'])
    expect(loadOpenPgp).not.toHaveBeenCalled()
    expect(store.busy.value).toBe(false)
  })

  it('after a verdict, shows that no more from then on', async () => {
    const store = createStore(surroundings)
    await store.take([basic, decision])
    expect(store.report.value?.outcome).toBe('verified')
    const next = store.take([given('good/openpgp.vmproof.json')])
    expect(store.report.value).toBeUndefined()
    expect(store.busy.value).toBe(true)
    await next
    expect(store.report.value?.outcome).toBe('failed')
  })

  it('while an earlier proof is judged, says nothing about that one', async () => {
    const { promise: part, resolve } = Promise.withResolvers<unknown>()
    const asked = vi.fn(() => part)
    const store = createStore({ ...surroundings, loadOpenPgp: asked })
    const shown = headlines(store)
    const first = store.take(byOpenPgp)
    await vi.waitFor(() => expect(asked).toHaveBeenCalled())
    const changed = new File([vectorFile('good/openpgp.vmproof.json').slice(1)], 'a.vmproof.json')
    await store.take([changed])
    expect(shown).toEqual(['Not verified. Do not rely on this record.'])
    resolve(import('openpgp'))
    await first
    expect(shown).toHaveLength(1)
    expect(store.held.value.proof?.name).toBe('a.vmproof.json')
    expect(store.busy.value).toBe(false)
  })

  it('lets go of a proof while that is judged', async () => {
    const { promise: part, resolve } = Promise.withResolvers<unknown>()
    const store = createStore({ ...surroundings, loadOpenPgp: () => part })
    const shown = headlines(store)
    const first = store.take(byOpenPgp)
    await store.forget('proof')
    resolve(undefined)
    await first
    expect(shown).toEqual([])
    expect(Object.keys(store.held.value)).toEqual(['policy'])
  })

  it('judges again once a part that it needs can be loaded', async () => {
    const loadOpenPgp = vi.fn(surroundings.loadOpenPgp).mockRejectedValueOnce(new TypeError())
    const store = createStore({ ...surroundings, loadOpenPgp })
    await store.take(byOpenPgp)
    expect(store.report.value?.headline).toContain('could not be loaded')
    await store.take([])
    expect(store.report.value?.outcome).toBe('verified')
  })

  it('of which two are for the same use, takes neither of these, and keeps what it held', async () => {
    const store = createStore(surroundings)
    await store.take([decision])
    await store.take([
      given('good/openpgp.vmproof.json', 'a.vmproof.json'),
      given('good/openpgp.vmproof.json', 'b.vmproof.json'),
      basic,
    ])
    expect(store.report.value).toMatchObject({
      outcome: 'refused',
      headline:
        'Nothing was verified. a.vmproof.json and b.vmproof.json are for the same use: give one of them.',
    })
    expect(store.held.value).toMatchObject({
      proof: { name: 'decision.vmproof.json' },
      policy: { name: 'basic.json' },
    })
  })
})

describe('a page that follows its address', () => {
  const address = 'https://example.com/?proof=/proof&policy=/policy'

  it('waits no longer for what does not come once somebody gives it files', async () => {
    const fetched = vi.spyOn(globalThis, 'fetch').mockImplementation((url, init) => {
      if (String(url).endsWith('/proof')) {
        return Promise.resolve(new Response(vectorFile('good/decision.vmproof.json')))
      }
      const { promise, reject } = Promise.withResolvers<Response>()
      init?.signal?.addEventListener('abort', () => reject(init.signal?.reason))
      return promise
    })
    const store = createStore(surroundings)
    const shown = headlines(store)
    const following = store.follow(address)
    await vi.waitFor(() => expect(fetched).toHaveBeenCalledTimes(2))
    await store.take([basic])
    await following
    expect(shown).toEqual(['Verified.'])
    expect(store.held.value).toMatchObject({ proof: { chosen: false }, policy: { chosen: true } })
  })
})
