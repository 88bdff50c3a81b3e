import fc from 'fast-check'
import { describe, expect, test, vi } from 'vitest'
import { encodeBase64, encodeUtf8 } from '../src/bytes.ts'
import { ed25519NoteSigner } from '../src/node.ts'
import {
  ed25519NoteVerifier,
  formatNote,
  formatVkey,
  isKeyName,
  isNoteText,
  keyId,
  maxNoteLength,
  maxSignatures,
  type NoteSigner,
  type NoteVerifier,
  openNote,
  parseNote,
  parseVkey,
  signNote,
} from '../src/note.ts'
import { codeOf, keyOf, realCheckpoint, realKeys, rejectionOf } from './support.ts'

/** The example of the signed-note specification. */
const example = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`
const exampleKey = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'

/** The other example there, with an empty line in its text. */
const poem = `Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
`

const alice = ed25519NoteSigner('alice', keyOf(1))
const bob = ed25519NoteSigner('bob', keyOf(2))
const aliceVerifier = ed25519NoteVerifier(alice.vkey)
const bobVerifier = ed25519NoteVerifier(bob.vkey)

const line = fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !/\p{Cc}/u.test(text))
const text = fc.array(line, { maxLength: 5 }).map((lines) => `${lines.join('\n')}\n`)
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 9 }).filter(isKeyName)
const signature = fc.record({
  name,
  keyId: fc.nat(0xffff_ffff),
  signature: fc.uint8Array({ minLength: 1, maxLength: 80 }),
})
const note = fc.record({
  text,
  signatures: fc.array(signature, { minLength: 1, maxLength: 5 }),
})

describe('the text of a note', () => {
  test('comes back after writing', () => {
    fc.assert(
      fc.property(note, (given) => {
        const formatted = formatNote(given)
        expect(parseNote(formatted)).toEqual({ ok: true, note: given })
        expect(parseNote(encodeUtf8(formatted))).toEqual({ ok: true, note: given })
      }),
    )
  })

  test('is parted from the signatures at the last blank line', () => {
    const parsed = parseNote(poem)
    expect(parsed).toMatchObject({
      ok: true,
      note: { signatures: [{ name: 'quasimodo.example/salvatore', keyId: 0x367ba04b }] },
    })
    if (parsed.ok) expect(parsed.note.text).toMatch(/sole:\n\ned è subito sera\.\n$/)
  })

  test('may be an empty line', () => {
    const given = {
      text: '\n',
      signatures: [{ name: 'a', keyId: 1, signature: new Uint8Array(1) }],
    }
    expect(parseNote(formatNote(given))).toEqual({ ok: true, note: given })
  })

  test('after any change is refused or comes back', () => {
    const bytes = encodeUtf8(realCheckpoint)
    fc.assert(
      fc.property(
        fc.nat(bytes.length),
        fc.nat(4),
        fc.uint8Array({ maxLength: 4 }),
        (at, removed, added) => {
          const changed = Uint8Array.from([
            ...bytes.subarray(0, at),
            ...added,
            ...bytes.subarray(at + removed),
          ])
          const parsed = parseNote(changed)
          if (parsed.ok) expect(encodeUtf8(formatNote(parsed.note))).toEqual(changed)
        },
      ),
      { numRuns: 500 },
    )
  })

  const signatureLine = '— a AAAAAQI=\n'
  test.each([
    ['nothing', ''],
    ['no blank line', `text\n${signatureLine}`],
    ['no signature', 'text\n\n'],
    ['no newline at the end', `text\n\n${signatureLine.slice(0, -1)}`],
    ['two blank lines at the end', `text\n\n${signatureLine}\n`],
    ['a carriage return', `text\r\n\n${signatureLine}`],
    ['a tab', `te\txt\n\n${signatureLine}`],
    ['a NUL', `te\0xt\n\n${signatureLine}`],
    ['a lone surrogate', `te\ud800xt\n\n${signatureLine}`],
    ['a hyphen for the dash', 'text\n\n- a AAAAAQI=\n'],
    ['an en dash', 'text\n\n– a AAAAAQI=\n'],
    ['no name', 'text\n\n—  AAAAAQI=\n'],
    ['a plus in the name', 'text\n\n— a+b AAAAAQI=\n'],
    ['a no-break space in the name', 'text\n\n— a\u00a0b AAAAAQI=\n'],
    ['an ideographic space in the name', 'text\n\n— a\u3000b AAAAAQI=\n'],
    ['a name that is too long', `text\n\n— ${'a'.repeat(1025)} AAAAAQI=\n`],
    ['two spaces', 'text\n\n— a  AAAAAQI=\n'],
    ['more after the signature', 'text\n\n— a AAAAAQI= \n'],
    ['base64 without padding', 'text\n\n— a AAAAAQI\n'],
    ['base64 with stray bits', 'text\n\n— a AAAAAQJ=\n'],
    ['a key id and no signature', 'text\n\n— a AAAAAQ==\n'],
    ['a good signature before a bad one', `text\n\n${signatureLine}—\n`],
    ['too many signatures', `text\n\n${signatureLine.repeat(maxSignatures + 1)}`],
    ['too many bytes', `${'é'.repeat(maxNoteLength / 2)}\n\n${signatureLine}`],
  ])('is refused for %s', (_, input) => {
    expect(parseNote(input)).toMatchObject({ ok: false, code: 'MALFORMED' })
  })

  test('is refused for bytes that are not UTF-8', () => {
    const bytes = encodeUtf8(`text\n\n${signatureLine}`)
    bytes[0] = 0xff
    expect(parseNote(bytes)).toMatchObject({ ok: false, code: 'MALFORMED' })
  })

  test('that is far too long is not read at all', () => {
    const encode = vi.spyOn(TextEncoder.prototype, 'encode')
    expect(parseNote('€'.repeat(maxNoteLength + 1))).toMatchObject({ code: 'MALFORMED' })
    expect(encode).not.toHaveBeenCalled()
    expect(parseNote('€'.repeat(maxNoteLength / 2))).toMatchObject({ code: 'MALFORMED' })
    expect(encode).toHaveBeenCalledOnce()
    encode.mockRestore()
  })

  test('may have 100 signatures', () => {
    expect(parseNote(`text\n\n${signatureLine.repeat(maxSignatures)}`).ok).toBe(true)
  })

  test('can not be written where it would be read differently', () => {
    const signatures = [{ name: 'a', keyId: 1, signature: Uint8Array.of(1) }]
    const injected = [{ name: 'a AAAAAQI=\n— b', keyId: 1, signature: Uint8Array.of(1) }]
    for (const wrong of [
      { text: 'no newline', signatures },
      { text: '', signatures },
      { text: 'tab\t\n', signatures },
      { text: 'none\n', signatures: [] },
      { text: 'empty\n', signatures: [{ name: 'a', keyId: 1, signature: new Uint8Array() }] },
      { text: 'injected\n', signatures: injected },
      ...[-1, 0.5, 2 ** 32].map((keyId) => ({
        text: 'id\n',
        signatures: [{ name: 'a', keyId, signature: Uint8Array.of(1) }],
      })),
    ]) {
      expect(codeOf(() => formatNote(wrong))).toBe('INVALID_NOTE')
    }
  })

  test('holds no control character but the newline', () => {
    expect(isNoteText('a\n\nb\n')).toBe(true)
    expect(isNoteText('a')).toBe(false)
    expect(isNoteText('a\u001f\n')).toBe(false)
    expect(isNoteText('a\ud800\n')).toBe(false)
  })
})

describe('a vkey', () => {
  test('comes back', () => {
    fc.assert(
      fc.property(
        name,
        fc.constantFrom(1, 4),
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        (given, type, publicKey) => {
          const vkey = { name: given, keyId: keyId(given, type, publicKey), type, publicKey }
          expect(parseVkey(formatVkey(given, type, publicKey))).toEqual(vkey)
        },
      ),
    )
  })

  test.each([
    exampleKey,
    'sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8',
    ...Object.values(realKeys),
  ])('in use reads and writes the same: %s', (line) => {
    const vkey = parseVkey(line)
    expect(vkey).toBeDefined()
    if (vkey) expect(formatVkey(vkey.name, vkey.type, vkey.publicKey)).toBe(line)
  })

  test('after any change is refused or comes back', () => {
    const piece = fc.constantFrom('', '+', ' ', '=', '0', 'A', 'é', '\n')
    const places = fc.nat(exampleKey.length)
    fc.assert(
      fc.property(places, fc.nat(2), piece, (at, removed, added) => {
        const changed = exampleKey.slice(0, at) + added + exampleKey.slice(at + removed)
        const vkey = parseVkey(changed)
        if (vkey === undefined) return
        expect(formatVkey(vkey.name, vkey.type, vkey.publicKey, vkey.keyId)).toBe(changed)
      }),
    )
  })

  test('of a type that this package does not know keeps the id that it has', () => {
    const line = `ecdsa.example+01020304+${encodeBase64(Uint8Array.of(2, 1, 2, 3))}`
    expect(parseVkey(line)).toMatchObject({ type: 2, keyId: 0x01020304 })
    expect(formatVkey('ecdsa.example', 2, Uint8Array.of(1, 2, 3), 0x01020304)).toBe(line)
  })

  test.each([
    '',
    'example.com/foo',
    exampleKey.slice(0, -1),
    exampleKey.replace('530d903a', '530D903A'),
    exampleKey.replace('530d903a', '530d903b'),
    exampleKey.replace('530d903a', '530d903'),
    exampleKey.replace('example.com/foo', 'example.com/bar'),
    exampleKey.replace('example.com/foo', ''),
    exampleKey.replace('example.com/foo', 'example com'),
    `${exampleKey}\n`,
    `a+00000000+${encodeBase64(Uint8Array.of(1))}`,
    `a+${keyId('a', 1, new Uint8Array(31)).toString(16)}+${encodeBase64(Uint8Array.of(1, ...new Uint8Array(31)))}`,
    `${'a'.repeat(9000)}+00000000+AQI=`,
  ])('is refused: %j', (line) => {
    expect(parseVkey(line)).toBeUndefined()
  })

  test('can not be written for what is no key', () => {
    expect(codeOf(() => formatVkey('a b', 1, new Uint8Array(32)))).toBe('INVALID_VKEY')
    expect(codeOf(() => formatVkey('a', 256, new Uint8Array(32)))).toBe('INVALID_VKEY')
    expect(codeOf(() => formatVkey('a', 1, new Uint8Array()))).toBe('INVALID_VKEY')
    expect(codeOf(() => formatVkey('a', 1, new Uint8Array(31)))).toBe('INVALID_VKEY')
    expect(codeOf(() => formatVkey('a', 1, new Uint8Array(32), 5))).toBe('INVALID_VKEY')
    for (const id of [-1, 0.5, 2 ** 32]) {
      expect(codeOf(() => formatVkey('a', 2, new Uint8Array(32), id))).toBe('INVALID_VKEY')
    }
    expect(codeOf(() => formatVkey('a', 2, new Uint8Array(8192)))).toBe('INVALID_VKEY')
  })

  test('makes no verifier of another type, or of a key of small order', () => {
    const identity = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : 0))
    for (const line of ['', realKeys.remora, formatVkey('a', 1, identity)]) {
      expect(codeOf(() => ed25519NoteVerifier(line))).toBe('INVALID_VKEY')
    }
  })
})

describe('opening a note', () => {
  test('verifies the example of the specification', async () => {
    const opened = await openNote(example, [ed25519NoteVerifier(exampleKey)])
    expect(opened).toMatchObject({
      ok: true,
      note: { text: 'This is an example message.\n' },
      verified: [{ name: 'example.com/foo', keyId: 0x530d903a }],
    })
  })

  test('refuses any change of its text', async () => {
    const verifiers = [ed25519NoteVerifier(exampleKey)]
    await fc.assert(
      fc.asyncProperty(fc.nat(26), fc.nat(6), async (at, bit) => {
        const bytes = encodeUtf8(example)
        bytes[at] = (bytes[at] ?? 0) ^ (1 << bit)
        expect((await openNote(bytes, verifiers)).ok).toBe(false)
      }),
    )
  })

  test('ignores unknown keys and says who is trusted', async () => {
    const signed = await signNote('text\n', [alice, bob])
    const opened = await openNote(signed, [bobVerifier])
    expect(opened).toMatchObject({ ok: true, verified: [{ name: 'bob' }] })
    expect(opened.ok && opened.note.signatures).toHaveLength(2)
    expect(await openNote(signed, [])).toMatchObject({
      ok: false,
      code: 'NO_TRUSTED_SIGNATURE',
      detail: expect.stringContaining('alice, bob'),
    })
  })

  test('ignores a key that shares only the name or only the id with a trusted one', async () => {
    const signed = await signNote('text\n', [alice])
    const never = (trusted: string, id: number): NoteVerifier => ({
      name: trusted,
      keyId: id,
      verify: () => false,
    })
    const strangers = [never('alice', alice.keyId ^ 1), never('eve', alice.keyId)]
    expect(await openNote(signed, [...strangers, aliceVerifier])).toMatchObject({ ok: true })
    expect(await openNote(signed, strangers)).toMatchObject({ code: 'NO_TRUSTED_SIGNATURE' })
  })

  test('refuses the whole note for one bad signature by a trusted key', async () => {
    const forger: NoteSigner = { ...bob, sign: () => new Uint8Array(64) }
    const signed = await signNote('text\n', [alice, forger])
    expect(await openNote(signed, [aliceVerifier])).toMatchObject({ ok: true })
    expect(await openNote(signed, [aliceVerifier, bobVerifier])).toEqual({
      ok: false,
      code: 'BAD_SIGNATURE',
      detail: 'the signature by bob does not verify',
    })
  })

  test('counts a key once and still verifies its second signature', async () => {
    const signed = await signNote('text\n', [alice, alice])
    const opened = await openNote(signed, [aliceVerifier])
    expect(opened.ok && opened.verified).toHaveLength(1)
    const forger: NoteSigner = { ...alice, sign: () => new Uint8Array(64) }
    const second = await signNote('text\n', [alice, forger])
    expect(await openNote(second, [aliceVerifier])).toMatchObject({ code: 'BAD_SIGNATURE' })
  })

  test('treats a verifier that throws as one that does not verify', async () => {
    const signed = await signNote('text\n', [alice])
    const broken: NoteVerifier = {
      ...aliceVerifier,
      verify: () => {
        throw new Error('no backend')
      },
    }
    expect(await openNote(signed, [broken])).toMatchObject({ code: 'BAD_SIGNATURE' })
  })

  test('refuses a signature line that two trusted keys could have made', async () => {
    const signed = await signNote('text\n', [alice])
    const twin: NoteVerifier = { ...aliceVerifier, verify: () => true }
    expect(await openNote(signed, [twin, aliceVerifier])).toEqual({
      ok: false,
      code: 'BAD_SIGNATURE',
      detail: 'two trusted keys are named alice and have the same id',
    })
    expect(await openNote(signed, [aliceVerifier, aliceVerifier])).toMatchObject({ ok: true })
  })

  test('refuses what is not a note', async () => {
    expect(await openNote('nothing', [aliceVerifier])).toMatchObject({ code: 'MALFORMED' })
  })
})

describe('signatures of another type', () => {
  /** As long as a timestamped ML-DSA-44 signature, and as hard to forge as a checksum. */
  function sumOf(text: Uint8Array): Uint8Array {
    return new Uint8Array(8 + 2420).fill(text.reduce((sum, byte) => sum + byte, 0))
  }
  const publicKey = new Uint8Array(1312).fill(5)
  const id = keyId('carol', 6, publicKey)
  const carol: NoteSigner = { name: 'carol', keyId: id, sign: sumOf }
  const carolVerifier: NoteVerifier = {
    name: 'carol',
    keyId: id,
    verify: (signed, bytes) => `${sumOf(signed)}` === `${bytes}`,
  }

  test('stand beside those of Ed25519, made and verified by what the caller brings', async () => {
    const signed = await signNote('text\n', [alice, carol, bob])
    const verifiers = [aliceVerifier, carolVerifier, bobVerifier]
    expect(await openNote(signed, verifiers)).toMatchObject({
      verified: [{ name: 'alice' }, { name: 'carol' }, { name: 'bob' }],
    })
    expect(await openNote(signed, [carolVerifier])).toMatchObject({ verified: [{ name: 'carol' }] })
    expect(await openNote(signed, [aliceVerifier])).toMatchObject({ verified: [{ name: 'alice' }] })
    const changed = signed.replace('text', 'test')
    expect(await openNote(changed, [carolVerifier])).toMatchObject({ code: 'BAD_SIGNATURE' })
  })

  test('have vkeys that are read', () => {
    const line = formatVkey('carol', 6, publicKey)
    expect(parseVkey(line)).toEqual({ name: 'carol', keyId: id, type: 6, publicKey })
    expect(codeOf(() => ed25519NoteVerifier(line))).toBe('INVALID_VKEY')
  })
})

describe('signing a note', () => {
  test('keeps what is there and replaces what a signer signs again', async () => {
    const first = parseNote(await signNote('text\n', [alice]))
    if (!first.ok) throw new Error(first.detail)
    const both = await signNote('text\n', [bob], first.note.signatures)
    expect(await openNote(both, [aliceVerifier, bobVerifier])).toMatchObject({
      verified: [{ name: 'alice' }, { name: 'bob' }],
    })
    const again = await signNote('text\n', [alice], first.note.signatures)
    expect(again).toBe(await signNote('text\n', [alice]))
  })

  test('signs nothing that can not be a note', async () => {
    let signed = 0
    const counting: NoteSigner = {
      ...alice,
      sign: () => {
        signed += 1
        return new Uint8Array(64)
      },
    }
    expect(await rejectionOf(signNote('no newline', [counting]))).toBe('INVALID_NOTE')
    expect(signed).toBe(0)
    expect(await rejectionOf(signNote('text\n', []))).toBe('INVALID_NOTE')
  })
})
