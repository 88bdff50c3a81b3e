/** What nodes say of themselves: descriptions and heads. */
import { encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { signNote } from '@vaultmesh/merkle/note'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDescription, signDescription } from '../src/node/descriptor.ts'
import { encodeHeads, maxHeadsBytes, parseHeads, readDescription } from '../src/node.ts'
import { logSigner, witnessSigner } from './kit/keys.ts'

const a = logSigner('a.example/vm/payments')
const b = logSigner('a.example/vm/orders')
const w = witnessSigner('a.example/witness')

describe('a description', () => {
  const described = { name: 'a.example/vm', logs: [a.vkey, b.vkey], witnesses: [w.vkey] }

  it('is read as it was signed, with the keys that signed it', async () => {
    const note = await signDescription(described, [a])
    expect(note.startsWith('vaultmesh.cloud/federation/v0\nnode a.example/vm\nlog a.')).toBe(true)
    expect(await readDescription(encodeUtf8(note))).toEqual({
      ok: true,
      description: described,
      signedBy: [a.vkey],
    })
    const both = await signDescription(described, [a, b])
    expect(await readDescription(encodeUtf8(both))).toMatchObject({ signedBy: [a.vkey, b.vkey] })
  })

  it('is refused where no key of a log that it names signed it', async () => {
    const stranger = logSigner('a.example/vm/payments', 'another')
    const text = formatDescription(described)
    const bad = 'vaultmesh.cloud/federation/v0\nnode'
    for (const note of [
      await signNote(text, [stranger]),
      (await signDescription(described, [a])).replace('node a', 'node b'),
      await signNote('example.com/log\n3\n', [a]),
      await signNote(`${bad} x\n`, [a]),
      await signNote(`${bad} x y\nlog ${a.vkey}\n`, [a]),
      await signNote(`${bad} x\nwitness ${w.vkey}\nlog ${a.vkey}\n`, [a]),
      await signNote(`${bad} x\nlog ${w.vkey}\n`, [a]),
      await signNote(`${bad} x\nlog ${a.vkey}\nother line\n`, [a]),
      'nothing',
      'x'.repeat(300_000),
    ]) {
      expect(await readDescription(encodeUtf8(note))).toMatchObject({ ok: false })
    }
    expect(() => formatDescription({ ...described, name: 'two words' })).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
    expect(() => formatDescription({ ...described, logs: [] })).toThrow('at least one log key')
  })

  it('is refused, and nothing thrown, with any byte changed', async () => {
    const bytes = encodeUtf8(await signDescription(described, [a, b]))
    await fc.assert(
      fc.asyncProperty(
        fc.nat(bytes.length - 1),
        fc.integer({ min: 1, max: 255 }),
        async (at, bits) => {
          const damaged = Uint8Array.from(bytes)
          damaged[at] = (damaged[at] ?? 0) ^ bits
          const read = await readDescription(damaged)
          // Only a signature line that is nobody's any more may leave the other one in force.
          if (read.ok) expect(read.signedBy.length).toBe(1)
        },
      ),
    )
  })
})

describe('the heads of a node', () => {
  const proofs = ['00', 'ff'].map((it) => ({ id: it.repeat(32), origin: 'a.example/x' }))
  const document = {
    heads: [
      { origin: 'a.example/x', checkpoint: 'one\n' },
      { origin: 'b.example/y', checkpoint: '“two”\n' },
    ],
    proofs,
  }

  it('are read as they were written, and written as they were read', () => {
    const bytes = encodeHeads(document)
    expect(parseHeads(bytes)).toEqual({ ok: true, document })
    expect(new TextDecoder().decode(encodeHeads({ heads: [], proofs: [] }))).toBe(
      '{"heads":[],"mediaType":"application/vnd.vaultmesh.heads.v0+json","proofs":[]}',
    )
  })

  it('are refused in any other spelling, order or length', () => {
    const text = new TextDecoder().decode(encodeHeads(document))
    const [one, two] = document.heads
    const swapped = { ...document, heads: [two, one].filter((it) => it !== undefined) }
    for (const wrong of [
      `${text} `,
      text.replace('{"heads"', '{ "heads"'),
      text.replace('heads.v0', 'heads.v1'),
      text.replace('"proofs":', '"other":1,"proofs":'),
      text.replace('{"id"', '{"i":"","id"'),
      text.replace('00', '0A'),
      text.replace('a.example/x', 'a example'),
      text.replace('{"checkpoint"', '{"a":1,"checkpoint"'),
      text.replace('“', '\\u201c'),
      new TextDecoder().decode(encodeHeads(swapped)),
      new TextDecoder().decode(encodeHeads({ heads: [], proofs: proofs.toReversed() })),
      '[]',
      'null',
      '',
      '{',
    ]) {
      expect(parseHeads(encodeUtf8(wrong))).toMatchObject({ ok: false })
    }
    expect(parseHeads(new Uint8Array(maxHeadsBytes + 1))).toMatchObject({ ok: false })
  })

  it('never make the reader throw', () => {
    const bytes = encodeHeads(document)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const damaged = Uint8Array.from(bytes)
        damaged[at] = (damaged[at] ?? 0) ^ bits
        const read = parseHeads(damaged)
        if (read.ok) expect(encodeHeads(read.document)).toEqual(damaged)
      }),
    )
    fc.assert(
      fc.property(fc.uint8Array(), (any) => {
        expect(parseHeads(any).ok).toBe(false)
      }),
    )
  })
})
