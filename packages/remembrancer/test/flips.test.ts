/**
 * Every byte of a real bundle, changed: nothing but a hint may be touched without the verdict
 * turning.
 */
import { createHash } from 'node:crypto'
import { concatBytes, decodeUtf8, encodeBase64, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { encodeBundle, encodeEntry, parseBundle, parseEntry } from '../src/index.ts'
import { type CheckId, checkIds, verifyBundle } from '../src/verify.ts'
import { ed25519Key } from './kit/keys.ts'
import { provenIn } from './kit/log.ts'
import {
  ada,
  embedded,
  entriesAround,
  makeEntry,
  origin,
  policyDocument,
  policyOf,
} from './kit/scene.ts'

const policy = policyOf(policyDocument())
let bundle: Uint8Array
let text: string
beforeAll(async () => {
  const entry = encodeEntry(await makeEntry())
  const log = { origin, key: ed25519Key(`log ${origin}`), entries: entriesAround(entry, 2, 5) }
  const hints = {
    certificates: [embedded.keys.certificate, embedded.keys.anchor],
    keys: [{ algorithm: 'ed25519' as const, publicKey: ada.publicKey }],
    revocations: [],
  }
  bundle = encodeBundle({ entry, proof: await provenIn(log, 2), hints })
  text = decodeUtf8(bundle) ?? ''
})

async function isBelieved(bytes: Uint8Array): Promise<boolean> {
  return (await verifyBundle(bytes, policy)).ok
}

/** The positions between two marks of the bundle's text. */
function region(from: string, to: string): { begin: number; end: number } {
  const begin = text.indexOf(from) + from.length
  return { begin, end: text.indexOf(to, begin) }
}

describe('every byte', () => {
  it('is believed as it is', async () => {
    expect(await isBelieved(bundle)).toBe(true)
  })

  it('of it matters, except for the hints', async () => {
    const hints = region('"hints":', ',"mediaType"')
    const believed: number[] = []
    for (let at = 0; at < bundle.length; at += 1) {
      const changed = bundle.slice()
      changed[at] = (changed[at] ?? 0) ^ 1
      if (await isBelieved(changed)) believed.push(at)
    }
    expect(believed.length).toBeGreaterThan(0)
    expect(believed.filter((at) => at < hints.begin || at >= hints.end)).toEqual([])
  })

  it('is needed: no prefix is believed, and nothing may follow', async () => {
    for (let length = 0; length < bundle.length; length += 97) {
      expect(await isBelieved(bundle.slice(0, length))).toBe(false)
    }
    expect(await isBelieved(encodeUtf8(`${text}\n`))).toBe(false)
  })
})

it('never throws, whatever is done to a bundle, and judges alike on every backend', async () => {
  const splices = fc.array(
    fc.record({ at: fc.nat(), gone: fc.nat(40), put: fc.uint8Array({ maxLength: 40 }) }),
    { minLength: 1, maxLength: 3 },
  )
  await fc.assert(
    fc.asyncProperty(splices, fc.boolean(), async (changes, inEntry) => {
      const read = parseBundle(bundle)
      const members = JSON.parse(text)
      if (!read.ok) throw new Error(read.problem)
      let bytes = inEntry ? read.value.entry : bundle
      for (const { at, gone, put } of changes) {
        const begin = at % bytes.length
        bytes = concatBytes(bytes.subarray(0, begin), put, bytes.subarray(begin + gone))
      }
      const given = inEntry
        ? encodeUtf8(JSON.stringify({ ...members, entry: encodeBase64(bytes) }))
        : bytes
      const verdict = await verifyBundle(given, policy)
      expect(await verifyBundle(given, policy, { verify: nodeVerifyEd25519 })).toEqual(verdict)
      expect(verdict.checks.map(({ id }) => id)).toEqual(checkIds)
    }),
  )
})

describe('a change that keeps the form is named by its check', () => {
  interface Parts {
    readonly entry: {
      envelope: { payload: string; signatures: { sig: string }[] }
      timestamps: { der: string }[]
    }
    readonly proof: string
  }

  function rebuild(change: (parts: Parts) => Parts): Uint8Array {
    const read = parseBundle(bundle)
    const members = JSON.parse(text)
    if (!read.ok) throw new Error(read.problem)
    const entry = JSON.parse(decodeUtf8(read.value.entry) ?? '')
    const changed = change({ entry, proof: members.proof })
    const raw = encodeBase64(encodeUtf8(JSON.stringify(changed.entry)))
    return encodeUtf8(JSON.stringify({ ...members, entry: raw, proof: changed.proof }))
  }

  function flip(base64: string, at: number): string {
    const bytes = Buffer.from(base64, 'base64')
    bytes[at] = (bytes[at] ?? 0) ^ 1
    return bytes.toString('base64')
  }

  /** The checks that fail, once an entry is changed and the log is made anew around it. */
  async function failing(change: (parts: Parts) => Parts): Promise<CheckId[]> {
    const verdict = await verifyBundle(rebuild(change), policy)
    return verdict.checks.flatMap(({ id, status }) => (status === 'fail' ? [id] : []))
  }

  it('is what it seems without a change', async () => {
    expect(rebuild((parts) => parts)).toEqual(bundle)
    const read = parseBundle(bundle)
    expect(read.ok && parseEntry(read.value.entry).ok).toBe(true)
    expect(createHash('sha256').update(bundle).digest('hex')).toHaveLength(64)
  })

  it('the payload', async () => {
    const payload = (old: string) =>
      Buffer.from(
        Buffer.from(old, 'base64').toString().replace('PostgreSQL', 'MySQL_____'),
      ).toString('base64')
    const change = ({ entry, proof }: Parts) => ({
      proof,
      entry: {
        ...entry,
        envelope: { ...entry.envelope, payload: payload(entry.envelope.payload) },
      },
    })
    expect(await failing(change)).toEqual(['signature.valid', 'log.inclusion'])
  })

  it('the signature', async () => {
    const change = ({ entry, proof }: Parts) => ({
      proof,
      entry: {
        ...entry,
        envelope: {
          ...entry.envelope,
          signatures: entry.envelope.signatures.map((s) => ({ ...s, sig: flip(s.sig, 40) })),
        },
      },
    })
    expect(await failing(change)).toEqual(['signature.valid', 'log.inclusion'])
  })

  it('the token', async () => {
    const change = ({ entry, proof }: Parts) => ({
      proof,
      entry: {
        ...entry,
        timestamps: entry.timestamps.map((t) => ({
          ...t,
          der: flip(t.der, Buffer.from(t.der, 'base64').length - 1),
        })),
      },
    })
    expect(await failing(change)).toEqual(['time.token', 'log.inclusion'])
  })

  const inProof = (change: (proof: string) => string) =>
    failing(({ entry, proof }) => ({ entry, proof: change(proof) }))

  it('the index', async () => {
    expect(await inProof((proof) => proof.replace('index 2', 'index 3'))).toEqual(['log.inclusion'])
  })

  it('a hash of the proof', async () => {
    const hash = text.split('\\n')[2] ?? ''
    expect(hash).toHaveLength(44)
    expect(await inProof((proof) => proof.replace(hash, flip(hash, 0)))).toEqual(['log.inclusion'])
  })

  it('the body of the checkpoint', async () => {
    const [, size = '', root = ''] = text.split('\\n\\n')[1]?.split('\\n') ?? []
    expect(size).toBe('5')
    expect(await inProof((proof) => proof.replace(root, flip(root, 0)))).toEqual(['log.checkpoint'])
    expect(await inProof((proof) => proof.replace('\n5\n', '\n6\n'))).toEqual(['log.checkpoint'])
  })

  it('the signature of the checkpoint', async () => {
    const sig = /— \S+ (\S+)\\n/.exec(text)?.[1] ?? ''
    expect(await inProof((proof) => proof.replace(sig, flip(sig, 20)))).toEqual(['log.checkpoint'])
    // Its first four bytes are the key's id: another id is another, unknown key.
    expect(await inProof((proof) => proof.replace(sig, flip(sig, 0)))).toEqual(['log.checkpoint'])
  })
})
