import { manifestPae, parseEnvelope, parseManifest } from '@vaultmesh/spawn-core'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { canonicalBytes } from '../src/json.ts'
import { envelopeBytes } from '../src/manifest/envelope.ts'
import { manifestBytes } from '../src/manifest/manifest.ts'
import { makeKey, renderTiny } from './support.ts'

const rendered = renderTiny()
const bytes = manifestBytes(rendered, { name: '@vaultmesh/spawn-core', version: '0.1.0' })
const text = Buffer.from(bytes).toString('utf8')

type Json = Record<string, unknown>

/** The manifest, changed, as canonical JSON. */
function changed(change: (manifest: Json) => void): Uint8Array {
  const manifest: Json = JSON.parse(text)
  change(manifest)
  return canonicalBytes(manifest)
}

describe('a manifest', () => {
  it('lists every file with digest, mode and policy', () => {
    const parsed = parseManifest(bytes)
    if (!parsed.ok) throw new Error(parsed.problems.join())
    const { files, service, template, pins, verify, generator } = parsed.manifest
    expect(Object.keys(files)).toEqual([...rendered.files.keys()])
    expect(files['scripts/check.sh']).toMatchObject({ mode: '755', policy: 'managed' })
    expect(service).toBe('tiny-service')
    expect(template).toEqual(rendered.template)
    expect(pins).toEqual(rendered.pins)
    expect(verify).toEqual(rendered.verify)
    expect(generator).toEqual({ name: '@vaultmesh/spawn-core', version: '0.1.0' })
    expect(canonicalBytes(parsed.manifest)).toEqual(bytes)
  })

  it.each([
    ['another member', (m: Json) => Object.assign(m, { date: '2026' })],
    ['a missing member', (m: Json) => Reflect.deleteProperty(m, 'pins')],
    ['another media type', (m: Json) => Object.assign(m, { mediaType: 'x' })],
    ['a name of two words', (m: Json) => Object.assign(m, { service: 'Bad Name' })],
    ['files that are a list', (m: Json) => Object.assign(m, { files: [] })],
    ['a path out of the folder', (m: Json) => Object.assign(m, { files: { '../x': file() } })],
    ['itself', (m: Json) => Object.assign(m, { files: { '.vm/manifest.json': file() } })],
    ['a colliding path', (m: Json) => Object.assign(m, { files: { a: file(), A: file() } })],
    ['another mode', (m: Json) => Object.assign(m, { files: { a: file({ mode: '777' }) } })],
    ['another policy', (m: Json) => Object.assign(m, { files: { a: file({ policy: 'x' }) } })],
    ['a short digest', (m: Json) => Object.assign(m, { files: { a: file({ sha256: 'ab' }) } })],
    ['a member of a file', (m: Json) => Object.assign(m, { files: { a: file({ x: 1 }) } })],
    ['a digest in capitals', (m: Json) => Object.assign(m, { template: { digest: 'sha256:AB' } })],
    ['no generator', (m: Json) => Object.assign(m, { generator: {} })],
    ['pins of numbers', (m: Json) => Object.assign(m, { pins: { a: 1 } })],
    ['pins that are text', (m: Json) => Object.assign(m, { pins: 'x' })],
    ['a command that is text', (m: Json) => Object.assign(m, { verify: { test: ['rm -rf /'] } })],
    ['no verify', (m: Json) => Object.assign(m, { verify: null })],
  ])('with %s is refused', (_, change) => {
    const parsed = parseManifest(changed(change))
    expect(parsed.ok).toBe(false)
    if (!parsed.ok) expect(parsed.problems[0]).not.toBe('')
  })

  it.each([
    ['white space', () => ` ${text}`],
    ['a line break at the end', () => `${text}\n`],
    ['a byte order mark', () => `\ufeff${text}`],
    ['a member twice', () => text.replace('"service":', '"service":"x","service":')],
    [
      'members in another order',
      () => JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).reverse())),
    ],
    ['an escape that is not needed', () => text.replace('"tiny-service"', '"\\u0074iny-service"')],
    ['nothing', () => ''],
    ['null', () => 'null'],
    ['a deep nest', () => '['.repeat(100_000)],
    ['a nest within bounds of JSON', () => `${'['.repeat(40)}${']'.repeat(40)}`],
  ])('with %s is not canonical, and refused', (_, make) => {
    expect(parseManifest(Buffer.from(make())).ok).toBe(false)
  })

  it('above 4 MiB is refused before it is parsed', () => {
    const parsed = parseManifest(new Uint8Array(4 * 1024 * 1024 + 1))
    expect(parsed).toMatchObject({ ok: false, problems: [expect.stringContaining('4 MiB')] })
  })

  it('may hold a file of the name __proto__', () => {
    const parsed = parseManifest(
      Buffer.from(text.replace('"files":{', `"files":{"__proto__":${JSON.stringify(file())},`)),
    )
    // "." sorts before "_": the bytes above are not canonical.
    expect(parsed.ok).toBe(false)
    const only = changed((m) => {
      m['files'] = Object.fromEntries([['__proto__', file()]])
    })
    const taken = parseManifest(only)
    expect(taken.ok && Object.keys(taken.manifest.files)).toEqual(['__proto__'])
  })

  test('that was changed by a byte is refused or another, and never throws', () => {
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (index, byte) => {
        const mutated = Uint8Array.from(bytes)
        mutated[index] = byte
        const parsed = parseManifest(mutated)
        if (parsed.ok) expect(canonicalBytes(parsed.manifest)).toEqual(mutated)
      }),
      { numRuns: 300 },
    )
  })

  test('of any JSON is refused without a throw', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(parseManifest(Buffer.from(json)).ok).toBe(false)
      }),
    )
  })
})

function file(change: Json = {}): Json {
  return { mode: '644', policy: 'managed', sha256: 'ab'.repeat(32), ...change }
}

describe('an envelope', () => {
  const { signer, verifier } = makeKey()

  it('holds the manifest and a signature over its PAE', async () => {
    const envelope = parseEnvelope(await envelopeBytes(bytes, signer))
    expect(Buffer.from(envelope?.payload ?? [])).toEqual(Buffer.from(bytes))
    const [signature] = envelope?.signatures ?? []
    expect(signature?.keyid).toBe(signer.keyid)
    expect(await verifier.verify(manifestPae(bytes), signature?.signature ?? bytes)).toBe(true)
    const pae = Buffer.from(manifestPae(Buffer.from('{}'))).toString()
    expect(pae).toBe('DSSEv1 42 application/vnd.vaultmesh.manifest.v0+json 2 {}')
  })

  it.each([
    ['no signature', (e: Json) => Object.assign(e, { signatures: [] })],
    ['nine signatures', (e: Json) => Object.assign(e, { signatures: signatures(9) })],
    [
      'a key twice',
      (e: Json) => Object.assign(e, { signatures: [...signatures(1), ...signatures(1)] }),
    ],
    ['another payload type', (e: Json) => Object.assign(e, { payloadType: 'text/plain' })],
    ['base64 with a stray bit', (e: Json) => Object.assign(e, { payload: 'eh==' })],
    ['base64 for URLs', (e: Json) => Object.assign(e, { payload: '__8=' })],
    ['a payload that is no text', (e: Json) => Object.assign(e, { payload: 1 })],
    [
      'a signature with more members',
      (e: Json) => Object.assign(e, { signatures: [{ ...signatures(1)[0], cert: '' }] }),
    ],
    ['a signature that is text', (e: Json) => Object.assign(e, { signatures: ['x'] })],
    ['an empty key id', (e: Json) => Object.assign(e, { signatures: [{ keyid: '', sig: '' }] })],
    ['a member more', (e: Json) => Object.assign(e, { x: 1 })],
  ])('with %s is refused', async (_, change) => {
    const envelope: Json = JSON.parse(Buffer.from(await envelopeBytes(bytes, signer)).toString())
    change(envelope)
    expect(parseEnvelope(canonicalBytes(envelope))).toBeUndefined()
  })

  it('above 8 MiB is refused before it is parsed', () => {
    expect(parseEnvelope(new Uint8Array(8 * 1024 * 1024 + 1))).toBeUndefined()
  })

  test('of any JSON is refused without a throw', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(parseEnvelope(Buffer.from(json))).toBeUndefined()
      }),
    )
  })
})

function signatures(count: number): Json[] {
  return Array.from({ length: count }, (_, index) => ({ keyid: `k${index}`, sig: '' }))
}
