import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeBase64, encodeUtf8, maxUint64 } from '../src/bytes.ts'
import { formatCheckpoint } from '../src/checkpoint.ts'
import { cosignatureVerifier, ed25519Cosigner, parseCosignature } from '../src/cosignature.ts'
import { ed25519NoteSigner, ed25519Signer, nodeEd25519NoteVerifier } from '../src/node.ts'
import { formatNote, type NoteSigner, openNote, parseNote, signNote } from '../src/note.ts'
import { buildConsistency } from '../src/proof.ts'
import { emptyRoot } from '../src/rfc6962.ts'
import {
  type AddCheckpointRequest,
  addCheckpoint,
  cosignCheckpoint,
  formatAddCheckpoint,
  formatCosignatures,
  formatWitnessSize,
  maxAddCheckpointLength,
  type OpenedAddCheckpoint,
  openAddCheckpoint,
  openCosignatures,
  parseAddCheckpoint,
  parseCosignatures,
  parseWitnessSize,
  type WitnessAdvance,
  type WitnessRefusal,
  type WitnessState,
  witnessCheckpointPath,
} from '../src/witness.ts'
import {
  codeOf,
  entriesOf,
  entryReader,
  flipBit,
  keyOf,
  realCheckpoint,
  rejectionOf,
  treeHash,
} from './support.ts'

const origin = 'example.com/behind-the-sofa'
const log = ed25519NoteSigner(origin, keyOf(1))
const stranger = ed25519NoteSigner(origin, keyOf(2))
const cosigner = ed25519Cosigner({
  name: 'witness.example/w1',
  signer: ed25519Signer(keyOf(3)),
  now: () => 1_679_315_147n,
})
const entries = entriesOf(40)
const rootOf = (size: number): Uint8Array => treeHash(entries.slice(0, size))

function signed(
  size: number,
  root: Uint8Array = rootOf(size),
  signers: readonly NoteSigner[] = [log],
): Promise<string> {
  const body = formatCheckpoint({ origin, size: BigInt(size), root, extensions: [] })
  return signNote(body, signers)
}

async function proofOf(size1: number, size2: number): Promise<Uint8Array[]> {
  if (size1 === 0 || size1 === size2) return []
  return buildConsistency(BigInt(size1), BigInt(size2), entryReader(entries.slice(0, size2)))
}

async function request(size1: number, size2: number): Promise<AddCheckpointRequest> {
  const hashes = await proofOf(size1, size2)
  return { oldSize: BigInt(size1), hashes, checkpoint: await signed(size2) }
}

const stateOf = (size: number): WitnessState => ({ size: BigInt(size), root: rootOf(size) })

function open(asked: AddCheckpointRequest): Promise<OpenedAddCheckpoint | WitnessRefusal> {
  const verifiers = [nodeEd25519NoteVerifier(log.vkey)]
  return openAddCheckpoint(asked, (name) => (name === origin ? verifiers : undefined))
}

/** The whole of what a witness decides about a request as it came. */
async function decide(
  state: WitnessState | undefined,
  asked: AddCheckpointRequest,
): Promise<WitnessAdvance | WitnessRefusal> {
  const parsed = parseAddCheckpoint(encodeUtf8(formatAddCheckpoint(asked)))
  if (!parsed.ok) throw new Error(parsed.detail)
  expect(parsed.request).toEqual(asked)
  const opened = await open(parsed.request)
  return opened.ok ? addCheckpoint(state, opened) : opened
}

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const zeros = encodeBase64(new Uint8Array(32))

describe('an add-checkpoint request', () => {
  test('comes back after writing', () => {
    const given = fc.record({
      oldSize: fc.bigInt({ min: 0n, max: maxUint64 }),
      hashes: fc.array(hash, { maxLength: 63, size: '+1' }),
      checkpoint: fc.constant(realCheckpoint),
    })
    fc.assert(
      fc.property(given, (asked) => {
        const text = formatAddCheckpoint(asked)
        expect(parseAddCheckpoint(text)).toEqual({ ok: true, request: asked })
        expect(parseAddCheckpoint(encodeUtf8(text))).toEqual({ ok: true, request: asked })
      }),
    )
  })

  test('is written as the specification says', () => {
    const hashes = [new Uint8Array(32)]
    expect(formatAddCheckpoint({ oldSize: 20_852_014n, hashes, checkpoint: realCheckpoint })).toBe(
      `old 20852014\n${zeros}\n\n${realCheckpoint}`,
    )
    expect(formatAddCheckpoint({ oldSize: 0n, hashes: [], checkpoint: realCheckpoint })).toBe(
      `old 0\n\n${realCheckpoint}`,
    )
  })

  test.each([
    ['nothing', ''],
    ['no old size', `\n\n${realCheckpoint}`],
    ['another word', `new 0\n\n${realCheckpoint}`],
    ['two spaces', `old  0\n\n${realCheckpoint}`],
    ['a leading zero', `old 00\n\n${realCheckpoint}`],
    ['a size above 64 bits', `old 18446744073709551616\n\n${realCheckpoint}`],
    ['a carriage return', `old 0\r\n\n${realCheckpoint}`],
    ['a byte order mark', `\ufeffold 0\n\n${realCheckpoint}`],
    ['a short hash', `old 1\nAQ==\n\n${realCheckpoint}`],
    ['64 hashes', `old 1\n${`${zeros}\n`.repeat(64)}\n${realCheckpoint}`],
    ['a long first line', `old ${'1'.repeat(9999)}\n\n${realCheckpoint}`],
    ['no blank line', `old 0\n${realCheckpoint}`],
    ['no checkpoint', 'old 0\n\n'],
    ['a checkpoint without signature', `old 0\n\na\n0\n${zeros}\n`],
    ['a note that is no checkpoint', 'old 0\n\ntext\n\n— a AAAAAAE=\n'],
    ['bytes that are not UTF-8', Uint8Array.of(0xff, 0x0a, 0x0a)],
    ['too many bytes', new Uint8Array(maxAddCheckpointLength + 1).fill(10)],
  ])('is refused for %s', (_, input) => {
    expect(parseAddCheckpoint(input)).toMatchObject({ ok: false, code: 'MALFORMED', status: 400 })
  })

  test('can not be written where it would be read differently', () => {
    const given = { oldSize: 0n, hashes: [], checkpoint: realCheckpoint }
    for (const wrong of [
      { ...given, oldSize: -1n },
      { ...given, oldSize: 2n ** 64n },
      { ...given, hashes: [new Uint8Array(31)] },
      { ...given, hashes: Array(64).fill(new Uint8Array(32)) },
      { ...given, checkpoint: 'nothing' },
    ]) {
      expect(codeOf(() => formatAddCheckpoint(wrong))).toBe('INVALID_REQUEST')
    }
  })
})

describe('a witness', () => {
  test('follows a log from any size to any later one, and cosigns a size again', async () => {
    const sizes = fc.nat(40).chain((size2) => fc.tuple(fc.nat(size2), fc.constant(size2)))
    await fc.assert(
      fc.asyncProperty(sizes, async ([size1, size2]) => {
        const state = size1 === 0 ? undefined : stateOf(size1)
        const decision = await decide(state, await request(size1, size2))
        expect(decision).toEqual({ ok: true, status: 200, next: stateOf(size2) })
      }),
    )
  })

  test('takes size 0 as never, with the root of the empty tree only', async () => {
    const never = { size: 0n, root: emptyRoot() }
    for (const state of [undefined, never]) {
      expect(await decide(state, await request(0, 0))).toMatchObject({ status: 200, next: never })
      expect(await decide(state, await request(0, 7))).toMatchObject({ status: 200 })
      const checkpoint = await signed(0, rootOf(1))
      expect(await decide(state, { oldSize: 0n, hashes: [], checkpoint })).toMatchObject({
        status: 422,
        detail: 'the root is not that of an empty tree',
      })
    }
  })

  test('refuses a proof from size 0 (422)', async () => {
    const asked = await request(0, 7)
    for (const hashes of [[new Uint8Array(32)], [rootOf(7)], await proofOf(3, 7)]) {
      expect(await decide(undefined, { ...asked, hashes })).toMatchObject({ status: 422 })
    }
  })

  test('refuses another root for the size that it has, and a proof for it (422)', async () => {
    const checkpoint = await signed(7, rootOf(8))
    const asked = { oldSize: 7n, hashes: [], checkpoint }
    expect(await decide(stateOf(7), asked)).toMatchObject({ ok: false, status: 422 })
    const padded = { ...(await request(7, 7)), hashes: [rootOf(7)] }
    expect(await decide(stateOf(7), padded)).toMatchObject({ ok: false, status: 422 })
  })

  test('refuses every proof with a bit changed, cut or made longer (422)', async () => {
    const asked = await request(6, 40)
    const { hashes } = asked
    const bits = fc.record({ at: fc.nat(hashes.length - 1), bit: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(bits, async ({ at, bit }) => {
        const changed = hashes.map((one, i) => (i === at ? flipBit(one, bit) : one))
        expect(await decide(stateOf(6), { ...asked, hashes: changed })).toMatchObject({
          status: 422,
        })
      }),
    )
    for (const wrong of [hashes.slice(1), hashes.slice(0, -1), [...hashes, rootOf(1)], []]) {
      expect(await decide(stateOf(6), { ...asked, hashes: wrong })).toMatchObject({ status: 422 })
    }
    const forked = { size: 6n, root: rootOf(5) }
    expect(await decide(forked, asked)).toMatchObject({ status: 422 })
  })

  test('says which size it has to a log that counts from another (409)', async () => {
    for (const [state, old, size] of [
      [stateOf(7), 6, 7n],
      [stateOf(7), 0, 7n],
      [stateOf(7), 8, 7n],
      [undefined, 3, 0n],
    ] as const) {
      const decision = await decide(state, await request(old, 40))
      expect(decision).toMatchObject({ ok: false, status: 409, size })
    }
  })

  test('does not go back, whatever the sizes say', async () => {
    const back = { oldSize: 7n, hashes: [], checkpoint: await signed(6) }
    expect(await decide(stateOf(7), back)).toMatchObject({ status: 400 })
    expect(await decide(stateOf(7), await request(6, 6))).toMatchObject({ status: 409, size: 7n })
  })

  test('does not know other logs (404), whoever signed', async () => {
    const body = formatCheckpoint({
      origin: 'example.org',
      size: 0n,
      root: emptyRoot(),
      extensions: [],
    })
    const checkpoint = await signNote(body, [log])
    const asked = { oldSize: 0n, hashes: [], checkpoint }
    expect(await decide(undefined, asked)).toMatchObject({ status: 404 })
  })

  test('believes only the keys that it trusts for the log (403)', async () => {
    const asked = { oldSize: 0n, hashes: [] }
    const by = (signers: readonly NoteSigner[]): Promise<string> => signed(7, rootOf(7), signers)
    const unknown = { ...asked, checkpoint: await by([stranger]) }
    expect(await decide(undefined, unknown)).toMatchObject({ status: 403 })
    const both = { ...asked, checkpoint: await by([stranger, log]) }
    expect(await decide(undefined, both)).toMatchObject({ status: 200 })
    const parsed = parseNote(await by([log]))
    if (!parsed.ok) throw new Error(parsed.detail)
    const signatures = parsed.note.signatures.map((one) => ({
      ...one,
      signature: flipBit(one.signature, 300),
    }))
    const forged = { ...asked, checkpoint: formatNote({ text: parsed.note.text, signatures }) }
    expect(await decide(stateOf(9), forged)).toMatchObject({ status: 403 })
    // The signature is looked at first: strangers learn nothing about sizes.
    expect(await decide(stateOf(9), { ...unknown, oldSize: 8n })).toMatchObject({ status: 403 })
  })

  test('answers 400 to a request that nobody parsed', async () => {
    for (const checkpoint of ['nothing', 'text\n\n— a AAAAAAE=\n']) {
      expect(await open({ oldSize: 0n, hashes: [], checkpoint })).toMatchObject({ status: 400 })
    }
  })

  test('may look its logs up elsewhere', async () => {
    const asked = await request(0, 7)
    const verifiers = [nodeEd25519NoteVerifier(log.vkey)]
    expect(await openAddCheckpoint(asked, async () => verifiers)).toMatchObject({ ok: true })
    expect(await openAddCheckpoint(asked, async () => [])).toMatchObject({ status: 403 })
  })
})

describe('a cosigned checkpoint', () => {
  async function cosigned(
    signers: readonly NoteSigner[] = [cosigner],
  ): ReturnType<typeof cosignCheckpoint> {
    const checkpoint = await signed(7, rootOf(7), [stranger, log])
    const opened = await open({ oldSize: 0n, hashes: [], checkpoint })
    if (!opened.ok) throw new Error(opened.detail)
    return cosignCheckpoint(opened, signers)
  }
  const witness = cosignatureVerifier(cosigner.vkey)

  test('is verified by the log that asked', async () => {
    const { body } = await cosigned()
    const opened = await openCosignatures(encodeUtf8(body), await signed(7), [witness])
    if (!opened.ok) throw new Error(opened.detail)
    const times = opened.verified.map(({ signature }) => parseCosignature(signature)?.time)
    expect(times).toEqual([1_679_315_147n])
    const other = await openCosignatures(body, await signed(8), [witness])
    expect(other).toMatchObject({ ok: false, code: 'BAD_SIGNATURE' })
    const unknown = await openCosignatures(body, await signed(7), [])
    expect(unknown).toMatchObject({ ok: false, code: 'NO_TRUSTED_SIGNATURE' })
    for (const [text, checkpoint] of [
      ['', await signed(7)],
      [body, 'nothing'],
    ] as const) {
      const wrong = await openCosignatures(text, checkpoint, [witness])
      expect(wrong).toMatchObject({ ok: false, code: 'MALFORMED' })
    }
  })

  test('is served with what was verified, and nothing else', async () => {
    const { checkpoint } = await cosigned()
    const verifiers = [nodeEd25519NoteVerifier(log.vkey), witness]
    const opened = await openNote(checkpoint, verifiers)
    if (!opened.ok) throw new Error(opened.detail)
    expect(opened.note.signatures).toEqual(opened.verified)
    expect(opened.verified.map(({ name }) => name)).toEqual([origin, 'witness.example/w1'])
    // echo -n example.com/behind-the-sofa | sha256sum
    expect(witnessCheckpointPath(origin)).toBe(
      '5fd2dc0beb4ce54da5050cf6d5c75248b023abad441c3cecde3976fbe9da4fe4/checkpoint',
    )
  })

  test('says when it was cosigned', async () => {
    const timeless = ed25519Cosigner({ name: 'w', signer: ed25519Signer(keyOf(3)), now: () => 0n })
    expect(await rejectionOf(cosigned([cosigner, timeless]))).toBe('INVALID_ARGUMENT')
    expect(await rejectionOf(cosigned([]))).toBe('INVALID_NOTE')
  })
})

describe('the body of a response', () => {
  test('with cosignatures is the end of a note, and comes back', () => {
    const parsed = parseNote(realCheckpoint)
    if (!parsed.ok) throw new Error(parsed.detail)
    const { text, signatures } = parsed.note
    const body = formatCosignatures(signatures)
    expect(`${text}\n${body}`).toBe(realCheckpoint)
    expect(parseCosignatures(body)).toEqual({ ok: true, signatures })
    expect(parseCosignatures(encodeUtf8(body))).toEqual({ ok: true, signatures })
  })

  test.each([
    ['nothing', ''],
    ['an empty line', '\n'],
    ['a cut line', '— a AAAAAAE='],
    ['an empty line first', '\n— a AAAAAAE=\n'],
    ['an empty line between', '— a AAAAAAE=\n\n— a AAAAAAE=\n'],
    ['other text', 'no\n— a AAAAAAE=\n'],
    ['101 signatures', '— a AAAAAAE=\n'.repeat(101)],
    ['a lone surrogate', '— \ud800 AAAAAAE=\n'],
    ['bytes that are not UTF-8', Uint8Array.of(0xff, 0x0a)],
    ['too many bytes', `— ${'a'.repeat(1024 * 1024)} AAAAAAE=\n`],
  ])('is not cosignatures: %s', (_, input) => {
    expect(parseCosignatures(input)).toMatchObject({ ok: false, code: 'MALFORMED' })
  })

  test('can not be written where it would be read differently', () => {
    const one = { name: 'a', keyId: 1, signature: Uint8Array.of(1) }
    const two = '— b AAAAAAE=\n— c'
    for (const wrong of [
      [],
      [{ ...one, name: '' }],
      [{ ...one, name: `a AAAAAAE=\n${two}` }],
      [{ ...one, signature: new Uint8Array() }],
      Array(101).fill(one),
    ]) {
      expect(codeOf(() => formatCosignatures(wrong))).toBe('INVALID_NOTE')
    }
  })

  test('with a size comes back', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: maxUint64 }), (size) => {
        const body = formatWitnessSize(size)
        expect(parseWitnessSize(body)).toBe(size)
        expect(parseWitnessSize(encodeUtf8(body))).toBe(size)
      }),
    )
    expect(formatWitnessSize(20_852_014n)).toBe('20852014\n')
    for (const wrong of [-1n, 2n ** 64n]) {
      expect(codeOf(() => formatWitnessSize(wrong))).toBe('INVALID_ARGUMENT')
    }
  })

  test.each(['', '\n', '1', '01\n', ' 1\n', '1\r\n', '1\n\n', '-1\n', '18446744073709551616\n'])(
    'is not a size: %j',
    (text) => {
      expect(parseWitnessSize(text)).toBeUndefined()
      expect(parseWitnessSize(encodeUtf8(text))).toBeUndefined()
    },
  )
})
