import { decodeUtf8, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { formatTlogProof } from '@vaultmesh/merkle/tlog-proof'
import fc from 'fast-check'
import { beforeAll, describe, expect, it, test } from 'vitest'
import { encodeBundle, maxBundleBytes, parseBundle, writeCanonicalJson } from '../src/index.ts'
import { makeBundle } from './kit/scene.ts'

let real: Uint8Array
beforeAll(async () => {
  real = await makeBundle()
})

function changed(members: Record<string, unknown>): Uint8Array {
  return writeCanonicalJson({ ...JSON.parse(decodeUtf8(real) ?? ''), ...members })
}

describe('parseBundle', () => {
  it('reads back what is written, hints and all', () => {
    const read = parseBundle(real)
    if (!read.ok) throw new Error(read.problem)
    const proof = formatTlogProof(read.value.proof)
    expect(encodeBundle({ entry: read.value.entry, proof, hints: read.value.hints })).toEqual(real)
    const hints = {
      certificates: [Uint8Array.of(1)],
      keys: [
        { algorithm: 'ed25519' as const, publicKey: Uint8Array.of(2) },
        { algorithm: 'openpgp' as const, publicKey: Uint8Array.of(3) },
      ],
      revocations: [],
    }
    const hinted = parseBundle(encodeBundle({ entry: read.value.entry, proof, hints }))
    expect(hinted.ok && hinted.value.hints).toEqual(hints)
  })

  test.each<[string, Record<string, unknown>]>([
    ['another media type', { mediaType: 'application/vnd.vaultmesh.proof.v1+json' }],
    ['an unknown member', { zz: 1 }],
    ['a missing member', { hints: undefined }],
    ['a related entry', { related: [{ entry: 'AA==', proof: '' }] }],
    ['related that is no list', { related: {} }],
    ['an empty entry', { entry: '' }],
    ['an entry with stray bits', { entry: 'AB==' }],
    ['a proof that is no text', { proof: 1 }],
    ['a proof that is none', { proof: 'c2sp.org/tlog-proof@v1\n' }],
    ['an unknown hint', { hints: { policy: 1 } }],
    ['a hint that is no base64', { hints: { certificates: ['A'] } }],
    [
      'a key hint of an unknown algorithm',
      { hints: { keys: [{ algorithm: 'rsa', publicKey: 'AA==' }] } },
    ],
    [
      'a key hint with more in it',
      { hints: { keys: [{ algorithm: 'ed25519', publicKey: 'AA==', trusted: true }] } },
    ],
    ['65 hints', { hints: { revocations: Array(65).fill('AA==') } }],
    ['hints that are a list', { hints: [] }],
  ])('refuses %s', (_, members) => {
    expect(parseBundle(real).ok).toBe(true)
    expect(parseBundle(changed(members))).toMatchObject({ ok: false })
  })

  it('refuses a proof with a line that nothing signs', () => {
    const text = decodeUtf8(real) ?? ''
    const extra = text.replace('tlog-proof@v1\\n', 'tlog-proof@v1\\nextra AAAA\\n')
    expect(parseBundle(encodeUtf8(extra))).toEqual({
      ok: false,
      problem: 'proof: has an extra line, which nothing signs',
    })
  })

  it('refuses more than 4 MiB', () => {
    const read = parseBundle(changed({ entry: 'A'.repeat(maxBundleBytes) }))
    expect(read).toEqual({ ok: false, problem: 'longer than 4194304 bytes' })
  })

  it('never throws, and takes no bytes but those that it would write', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(255), (at, byte) => {
        const bytes = real.slice()
        bytes[at % bytes.length] = byte
        const read = parseBundle(bytes)
        const again = read.ok
          ? encodeBundle({ ...read.value, proof: formatTlogProof(read.value.proof) })
          : bytes
        expect(again).toEqual(bytes)
      }),
    )
  })
})
