import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { conformanceDirectory, itWith } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concatBytes } from '../src/bytes.ts'
import { writeOid } from '../src/der-write.ts'
import { createTimestampRequest, parseTimestamp, summarizeTimestamp } from '../src/index.ts'
import { createAuthority, createAuthorityKeys } from '../src/node.ts'
import { keyOids } from '../src/oids.ts'
import { timestampCheckIds } from '../src/verdict.ts'
import { verifyTimestamp } from '../src/verify.ts'
import { data, forge, hash, info, root, trust, verify } from './forge.ts'
import { rootCa, rsaKey, stamper } from './pki.ts'

/** A token of the authority of this package, and whom to trust for it. */
function ownToken() {
  const validity = { notBefore: new Date('2026-01-01'), notAfter: new Date('2036-01-01') }
  const keys = createAuthorityKeys({ name: 'embedded', ...validity })
  const authority = createAuthority({ ...keys, clock: () => new Date('2026-11-23T10:00:00.123Z') })
  const nonce = Uint8Array.of(1, 2, 3, 4)
  const parsed = parseTimestamp(
    authority.respond(createTimestampRequest({ imprint: hash('sha256', data), nonce })),
  )
  if (!parsed.ok) throw new Error(parsed.detail)
  const trusted = {
    ...{ name: 'embedded', selfIssued: true, anchors: [keys.anchor], pins: [] },
    validFrom: validity.notBefore,
  }
  return { token: parsed.token, options: { data, nonce, authorities: [trusted] } }
}

describe('a token of the own authority', () => {
  it('does not hold with any byte of it changed', async () => {
    const { token, options } = ownToken()
    expect((await verifyTimestamp(token, options)).ok).toBe(true)
    const accepted: string[] = []
    for (let at = 0; at < token.length; at += 1) {
      for (const mask of [0x01, 1 << ((at % 7) + 1), 0xff]) {
        const flipped = Uint8Array.from(token)
        flipped[at] = (token[at] ?? 0) ^ mask
        const { ok } = await verifyTimestamp(flipped, options)
        if (ok) accepted.push(`${at} ^ ${mask}`)
      }
    }
    // All of it counts: the signed attributes bind the TSTInfo and the certificate, and each name
    // of an algorithm has one right value.
    expect(accepted).toEqual([])
  })

  it('does not hold cut off anywhere', async () => {
    const { token, options } = ownToken()
    for (let length = 0; length < token.length; length += 1) {
      expect((await verifyTimestamp(token.subarray(0, length), options)).ok).toBe(false)
    }
  })
})

it('a token holds under the other name of its RSA signature, and under no third', async () => {
  const signer = stamper(root, { key: rsaKey('sha256') })
  const token = forge({ signer, info: info({ tsa: undefined }) })
  const oid = writeOid(keyOids.rsaSha256)
  const at = Buffer.from(token).lastIndexOf(oid) + oid.length - 1
  const accepted: number[] = []
  for (let byte = 0; byte < 256; byte += 1) {
    const renamed = Uint8Array.from(token)
    renamed[at] = byte
    if ((await verify(renamed)).ok) accepted.push(byte)
  }
  expect(accepted).toEqual([keyOids.rsa, keyOids.rsaSha256].map((name) => writeOid(name).at(-1)))
})

/** Bytes replaced, removed or put in at one place. */
interface Edit {
  readonly at: number
  readonly remove: number
  readonly insert: Uint8Array
}

/** A few changes that keep most of the input. */
const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    at: fc.nat(),
    remove: fc.constantFrom(0, 0, 1, 1, 1, 2, 40),
    insert: fc.uint8Array({ maxLength: 4 }),
  }),
  { minLength: 1, maxLength: 4 },
)

function edit(bytes: Uint8Array, changes: readonly Edit[]): Uint8Array {
  return changes.reduce((edited, { at, remove, insert }) => {
    const start = at % (edited.length + 1)
    return concatBytes(edited.subarray(0, start), insert, edited.subarray(start + remove))
  }, bytes)
}

async function expectVerdict(bytes: Uint8Array): Promise<boolean> {
  const verdict = await verify(bytes)
  expect(verdict.checks.map(({ id }) => id)).toEqual([...timestampCheckIds])
  const isGood = verdict.checks.every(({ status }) => status === 'pass' || status === 'warn')
  expect(verdict.ok).toBe(isGood)
  expect(verdict.genTime !== undefined).toBe(isGood)
  for (const { detail } of verdict.checks) {
    expect(detail.length).toBeLessThan(258)
    expect(detail).not.toMatch(/\p{Cc}/u)
  }
  return verdict.ok
}

describe('property: nothing throws, every check is reported', () => {
  it('for any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), async (bytes) => {
        expect(await expectVerdict(bytes)).toBe(false)
        parseTimestamp(bytes)
        summarizeTimestamp(bytes)
      }),
    )
  })

  it('for changed tokens', async () => {
    const anchor = rootCa({ key: rsaKey() })
    const signer = stamper(anchor, { key: rsaKey() })
    const tokens = [forge(), forge({ signer, certificates: [signer.der, anchor.der] })]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...tokens), edits, async (token, changes) => {
        const changed = edit(token, changes)
        await expectVerdict(changed)
        parseTimestamp(changed)
        summarizeTimestamp(changed)
      }),
    )
  })

  it('for changed anchors', async () => {
    const anchor = rootCa()
    const token = forge({ signer: stamper(anchor) })
    await fc.assert(
      fc.asyncProperty(edits, async (changes) => {
        const changed = trust({ ...anchor, der: edit(anchor.der, changes) })
        await verify(token, { authorities: [changed] })
      }),
    )
  })

  itWith(['conformance'], 'for changed tokens of real authorities', async () => {
    const folders = ['rfc3161/authorities', 'rfc3161/notation', 'predecessor']
    const files = folders.flatMap((name) => {
      const folder = join(conformanceDirectory(), name)
      const names = readdirSync(folder).filter((file) => /\.(tsr|tok|p7s)$/.test(file))
      return names.map((file) => readFileSync(join(folder, file)))
    })
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), edits, async (file, changes) => {
        const parsed = parseTimestamp(edit(file, changes))
        if (parsed.ok) await expectVerdict(parsed.token)
      }),
    )
  })
})
