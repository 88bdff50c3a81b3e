import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBase64, encodeUtf8, maxUint64 } from '../src/bytes.ts'
import {
  type Checkpoint,
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
} from '../src/checkpoint.ts'
import { cosignatureVerifier } from '../src/cosignature.ts'
import { ed25519NoteSigner, nodeEd25519NoteVerifier } from '../src/node.ts'
import { ed25519NoteVerifier, maxNoteLength, signNote } from '../src/note.ts'
import { codeOf, flipBit, keyOf, realCheckpoint, realKeys } from './support.ts'

const line = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
  .filter((text) => !/\p{Cc}/u.test(text))

const checkpoint: fc.Arbitrary<Checkpoint> = fc.record({
  origin: line,
  size: fc.bigInt({ min: 0n, max: maxUint64 }),
  root: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  extensions: fc.array(line, { maxLength: 3 }),
})

/** The example of the tlog-checkpoint specification. */
const example = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=
`

describe('a checkpoint', () => {
  test('comes back after writing', () => {
    fc.assert(
      fc.property(checkpoint, (given) => {
        expect(parseCheckpoint(formatCheckpoint(given))).toEqual({ ok: true, checkpoint: given })
      }),
    )
  })

  test('of the specification is read', () => {
    const parsed = parseCheckpoint(example)
    expect(parsed).toMatchObject({
      ok: true,
      checkpoint: { origin: 'example.com/behind-the-sofa', size: 20_852_163n, extensions: [] },
    })
    if (parsed.ok) expect(formatCheckpoint(parsed.checkpoint)).toBe(example)
  })

  test('after any change is refused or comes back', () => {
    const piece = fc.constantFrom('', '0', '1', '=', '+', ' ', '\n', '\t', 'é', 'A')
    fc.assert(
      fc.property(fc.nat(example.length), fc.nat(2), piece, (at, removed, added) => {
        const changed = example.slice(0, at) + added + example.slice(at + removed)
        const parsed = parseCheckpoint(changed)
        if (parsed.ok) expect(formatCheckpoint(parsed.checkpoint)).toBe(changed)
      }),
      { numRuns: 500 },
    )
  })

  const root = encodeBase64(new Uint8Array(32))
  test.each([
    ['nothing', ''],
    ['an empty origin', `\n1\n${root}\n`],
    ['no size', 'a\n'],
    ['an empty size', `a\n\n${root}\n`],
    ['a leading zero', `a\n01\n${root}\n`],
    ['a sign', `a\n+1\n${root}\n`],
    ['a size above 64 bits', `a\n18446744073709551616\n${root}\n`],
    ['no root', 'a\n1\n'],
    ['a short root', `a\n1\n${encodeBase64(new Uint8Array(31))}\n`],
    ['a long root', `a\n1\n${encodeBase64(new Uint8Array(33))}\n`],
    ['a root in URL alphabet', `a\n1\n${'_'.repeat(42)}8=\n`],
    ['an empty extension line', `a\n1\n${root}\n\nb\n`],
    ['a blank line at the end', `a\n1\n${root}\n\n`],
    ['no newline at the end', `a\n1\n${root}`],
    ['a carriage return', `a\r\n1\n${root}\n`],
  ])('is refused for %s', (_, text) => {
    expect(parseCheckpoint(text)).toMatchObject({ ok: false, code: 'MALFORMED' })
  })

  test('can not be written where it would be read differently', () => {
    const given = { origin: 'a', size: 1n, root: new Uint8Array(32), extensions: [] }
    for (const wrong of [
      { ...given, origin: '' },
      { ...given, origin: 'a\n2' },
      { ...given, size: -1n },
      { ...given, size: maxUint64 + 1n },
      { ...given, root: new Uint8Array(31) },
      { ...given, extensions: [''] },
      { ...given, extensions: ['a\nb'] },
      { ...given, extensions: ['a'.repeat(maxNoteLength)] },
    ]) {
      expect(codeOf(() => formatCheckpoint(wrong))).toBe('INVALID_CHECKPOINT')
    }
  })
})

describe('opening a checkpoint', () => {
  const origin = 'example.com/log'
  const logKey = ed25519NoteSigner(origin, keyOf(1))
  const other = ed25519NoteSigner('example.com/other', keyOf(2))
  const text = formatCheckpoint({ origin, size: 0n, root: new Uint8Array(32), extensions: [] })

  test('gives what the log signed', async () => {
    const signed = await signNote(text, [logKey])
    expect(await openCheckpoint(signed, origin, [ed25519NoteVerifier(logKey.vkey)])).toMatchObject({
      ok: true,
      checkpoint: { origin, size: 0n },
      verified: [{ name: origin }],
    })
  })

  test('verifies a real one, cosigned by four witnesses', async () => {
    const { log, ...witnesses } = realKeys
    const verifiers = [
      nodeEd25519NoteVerifier(log),
      ...Object.values(witnesses).map((vkey) => cosignatureVerifier(vkey)),
    ]
    const [realOrigin = ''] = log.split('+')
    const opened = await openCheckpoint(realCheckpoint, realOrigin, verifiers)
    expect(opened).toMatchObject({ ok: true, checkpoint: { size: 1_432_088_532n } })
    expect(opened.ok && opened.verified).toHaveLength(5)
    const changed = realCheckpoint.replace('1432088532', '1432088533')
    expect(await openCheckpoint(changed, realOrigin, verifiers)).toMatchObject({
      code: 'BAD_SIGNATURE',
    })
  })

  test('refuses every change of a single bit of what was signed', async () => {
    const signed = encodeUtf8(await signNote(text, [logKey]))
    const verifiers = [nodeEd25519NoteVerifier(logKey.vkey)]
    const bits = 8 * encodeUtf8(text).length
    for (let bit = 0; bit < bits; bit += 1) {
      expect((await openCheckpoint(flipBit(signed, bit), origin, verifiers)).ok).toBe(false)
    }
  })

  test('refuses another log’s, whoever signed it', async () => {
    const signed = await signNote(text, [logKey])
    const verifiers = [ed25519NoteVerifier(logKey.vkey)]
    expect(await openCheckpoint(signed, 'example.com/other', verifiers)).toMatchObject({
      ok: false,
      code: 'ORIGIN_MISMATCH',
    })
  })

  test('needs a signature under the origin’s name', async () => {
    const signed = await signNote(text, [logKey, other])
    expect(await openCheckpoint(signed, origin, [ed25519NoteVerifier(other.vkey)])).toMatchObject({
      ok: false,
      code: 'NO_TRUSTED_SIGNATURE',
    })
  })

  test('refuses signed text that is no checkpoint', async () => {
    const signed = await signNote('hello\n', [logKey])
    expect(await openCheckpoint(signed, origin, [ed25519NoteVerifier(logKey.vkey)])).toMatchObject({
      ok: false,
      code: 'MALFORMED',
    })
    expect(await openCheckpoint('hello', origin, [])).toMatchObject({ code: 'MALFORMED' })
  })
})
