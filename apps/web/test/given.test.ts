import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { holdFile, longestFor, readChosen } from '../src/page/held-file.ts'
import { fetchLinked, type LinkedFile, linkedFiles } from '../src/page/linked.ts'
import { vectorFile } from './kit.ts'

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text)
const proof = vectorFile('good/decision.vmproof.json')
const policy = vectorFile('policies/basic.json')

describe('a file is taken for', () => {
  it.each([
    ['a proof by its name', 'a.vmproof.json', bytesOf('x'), 'bundle'],
    ['a proof by its content', 'a', proof, 'bundle'],
    ['a policy by its content', 'a', policy, 'policy'],
    ['a fork proof by its name', 'A.VMFORK.JSON', bytesOf('x'), 'fork'],
    [
      'a body by its content',
      'a',
      bytesOf('{"mediaType":"text/plain","salt":"","text":""}'),
      'body',
    ],
    [
      'a body whose text is a policy',
      'a',
      bytesOf(`{"mediaType":"application/vnd.vaultmesh.policy.v0+json","salt":"","text":""}`),
      'body',
    ],
  ])('%s', (_what, name, bytes, format) => {
    expect(holdFile({ name, bytes, chosen: true })).toMatchObject({ ok: true, file: { format } })
  })

  it('nothing that it says in a string: quotes in it are escaped', () => {
    const text = JSON.stringify({ text: '"mediaType":"application/vnd.vaultmesh.policy.v0+json"' })
    expect(holdFile({ name: 'a', bytes: bytesOf(text), chosen: true })).toMatchObject({ ok: false })
  })

  it('nothing else than what it is wanted for', () => {
    expect(holdFile({ name: 'a', bytes: policy, chosen: true }, 'proof')).toMatchObject({
      ok: false,
    })
    expect(holdFile({ name: 'a', bytes: bytesOf('x'), chosen: true }, 'policy')).toMatchObject({
      file: { format: 'policy' },
    })
  })

  it('whatever it holds, without throwing', () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), (name, bytes) => {
        const read = holdFile({ name, bytes: Uint8Array.from(bytes), chosen: true })
        expect(read.ok ? read.file.name : read.problem).toContain(name)
      }),
    )
  })
})

it('a file that can not be read is not taken', async () => {
  const file = new File(['x'], 'gone')
  file.arrayBuffer = () => Promise.reject(new DOMException('', 'NotReadableError'))
  expect(await readChosen(file)).toMatchObject({
    problem: expect.stringContaining('could not be read'),
  })
})

describe('an address', () => {
  const page = 'https://example.com/some/path/'

  it('names files beside the page, or anywhere on its origin', () => {
    const linked = linkedFiles(`${page}?proof=a.json&policy=/b?c=d&body=https://example.com/e`)
    const urls = linked.ok ? linked.files.map(({ use, url }) => [use, url.href]) : []
    expect(urls).toEqual([
      ['proof', 'https://example.com/some/path/a.json'],
      ['policy', 'https://example.com/b?c=d'],
      ['body', 'https://example.com/e'],
    ])
  })

  it.each([
    ['another origin', '?proof=http://example.com/x', 'of another origin'],
    ['another origin, without a scheme', '?proof=//elsewhere.test/x', 'of another origin'],
    ['a script', '?policy=javascript:alert(1)', 'of another origin'],
    ['data', '?policy=data:,x', 'of another origin'],
    ['a blob', '?body=blob:https://example.com/x', 'of another origin'],
    ['no address', '?body=http://[', 'of another origin'],
    ['two proofs', '?proof=a&proof=b', 'more than one proof'],
  ])('is not followed to %s', (_where, query, sentence) => {
    expect(linkedFiles(`${page}${query}`)).toEqual({
      ok: false,
      problem: expect.stringContaining(sentence),
    })
  })

  it('never leads to another origin, whatever it says', () => {
    const value = fc.oneof(
      fc.webUrl(),
      fc.string(),
      fc.constantFrom('//x', '\\\\x', 'http://example.com/', 'https://example.com:444/', 'blob:x'),
    )
    fc.assert(
      fc.property(value, (given) => {
        const linked = linkedFiles(`${page}?proof=${encodeURIComponent(given)}`)
        for (const { url } of linked.ok ? linked.files : []) {
          expect(url.origin).toBe('https://example.com')
        }
      }),
    )
  })
})

describe('what an address names', () => {
  const linked: LinkedFile = { use: 'policy', url: new URL('https://example.com/policy.json') }
  const { signal } = new AbortController()
  const answering = (response: Response | Error) => () =>
    response instanceof Error ? Promise.reject(response) : Promise.resolve(response)

  it('is fetched, and was not chosen by anybody here', async () => {
    expect(await fetchLinked(linked, signal, answering(new Response(policy)))).toEqual({
      ok: true,
      file: { format: 'policy', name: '/policy.json', bytes: policy, chosen: false },
    })
  })

  it('is not read beyond its bound, whatever the server says of its length', async () => {
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled += 1
        controller.enqueue(new Uint8Array(65_536))
      },
    })
    const read = await fetchLinked(linked, signal, answering(new Response(endless)))
    expect(read).toMatchObject({ problem: expect.stringContaining('was not read to its end') })
    expect(pulled).toBeLessThan((longestFor('policy') / 65_536) * 2)
    const stated = new Response('x', { headers: { 'content-length': '50000000' } })
    expect(await fetchLinked(linked, signal, answering(stated))).toMatchObject({
      problem: expect.stringContaining('has 50.0 MB'),
    })
  })

  it.each([
    ['absent', new Response('', { status: 404 }), 'the server answers 404'],
    ['out of reach', new TypeError('Failed to fetch'), 'could not be fetched'],
    ['empty', new Response(null), 'policy.json'],
  ])('may be %s', async (_what, response, sentence) => {
    const read = await fetchLinked(linked, signal, answering(response))
    expect(read.ok ? read.file.name : read.problem).toContain(sentence)
  })
})
