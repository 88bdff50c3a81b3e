import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, decodeUtf8, encodeUtf8 } from '../src/bytes.ts'
import { formatCheckpoint } from '../src/checkpoint.ts'
import {
  cosignatureMessage,
  cosignatureVerifier,
  ed25519Cosigner,
  formatCosignature,
  parseCosignature,
} from '../src/cosignature.ts'
import { ed25519Signer, nodeVerifyEd25519 } from '../src/node.ts'
import { formatNote, openNote, parseNote, signNote } from '../src/note.ts'
import { codeOf, keyOf, realCheckpoint, realKeys, rejectionOf } from './support.ts'

const body = formatCheckpoint({
  origin: 'example.com/behind-the-sofa',
  size: 20_852_163n,
  root: new Uint8Array(32),
  extensions: ['an extension line'],
})
const cosigner = ed25519Cosigner({
  name: 'witness.example.com/w1',
  signer: ed25519Signer(keyOf(3)),
  now: () => 1_679_315_147n,
})

test('the message is that of the specification', () => {
  expect(decodeUtf8(cosignatureMessage(1_679_315_147n, encodeUtf8(body)))).toBe(
    `cosignature/v1\ntime 1679315147\n${body}`,
  )
})

/** The example of the tlog-cosignature specification. */
const example = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`

test('the example of the specification is read, and written the same', () => {
  const parsed = parseNote(example)
  if (!parsed.ok) throw new Error(parsed.detail)
  const [, { name, keyId, signature } = { name: '', keyId: 0, signature: new Uint8Array() }] =
    parsed.note.signatures
  expect([name, keyId]).toEqual(['witness.example.com/w1', 0x8d66cf3f])
  const cosignature = parseCosignature(signature)
  // The time of the message that the specification shows.
  expect(cosignature?.time).toBe(1_679_315_147n)
  if (cosignature !== undefined) expect(formatCosignature(cosignature)).toEqual(signature)
  expect(formatNote(parsed.note)).toBe(example)
})

describe('a cosignature', () => {
  test('is verified, and carries its time', async () => {
    const signed = await signNote(body, [cosigner])
    for (const verify of [undefined, nodeVerifyEd25519]) {
      const opened = await openNote(signed, [cosignatureVerifier(cosigner.vkey, verify)])
      if (!opened.ok) throw new Error(opened.detail)
      const [{ signature } = { signature: new Uint8Array() }] = opened.verified
      expect(parseCosignature(signature)).toMatchObject({ time: 1_679_315_147n })
    }
  })

  test('by real witnesses is verified', async () => {
    const { log, ...witnesses } = realKeys
    expect(log).toBeDefined()
    for (const vkey of Object.values(witnesses)) {
      const opened = await openNote(realCheckpoint, [cosignatureVerifier(vkey)])
      if (!opened.ok) throw new Error(opened.detail)
      const [found] = opened.verified
      expect(parseCosignature(found?.signature ?? new Uint8Array())?.time).toBe(1_779_573_024n)
    }
  })

  test('is refused at another time', async () => {
    const parsed = parseNote(await signNote(body, [cosigner]))
    if (!parsed.ok) throw new Error(parsed.detail)
    const [{ signature } = { signature: new Uint8Array() }] = parsed.note.signatures
    const verifier = cosignatureVerifier(cosigner.vkey)
    expect(await verifier.verify(encodeUtf8(body), signature)).toBe(true)
    const later = Uint8Array.from(signature)
    later[7] = (later[7] ?? 0) + 1
    expect(await verifier.verify(encodeUtf8(body), later)).toBe(false)
  })

  test('is refused over anything but a checkpoint, in either direction', async () => {
    const text = encodeUtf8('not a checkpoint\n')
    const time = 1n
    const signature = await ed25519Signer(keyOf(3)).sign(cosignatureMessage(time, text))
    const verifier = cosignatureVerifier(cosigner.vkey)
    expect(await verifier.verify(text, formatCosignature({ time, signature }))).toBe(false)
    expect(await verifier.verify(Uint8Array.of(0xff), new Uint8Array(72))).toBe(false)
    expect(await rejectionOf(signNote('not a checkpoint\n', [cosigner]))).toBe('INVALID_CHECKPOINT')
  })

  test('is taken apart and put together', () => {
    const signature = new Uint8Array(64).fill(9)
    const bytes = formatCosignature({ time: 2n ** 63n - 1n, signature })
    expect(parseCosignature(bytes)).toEqual({ time: 2n ** 63n - 1n, signature })
    // A view into a larger buffer, as a caller may hold it.
    expect(parseCosignature(concatBytes(new Uint8Array(5), bytes).subarray(5))).toEqual({
      time: 2n ** 63n - 1n,
      signature,
    })
    // A buffer of Node's, whose `slice` gives no copy, and which is used again.
    const reused = Buffer.from(bytes)
    const parsed = parseCosignature(reused)
    reused.fill(0)
    expect(parsed?.signature).toEqual(signature)
    expect(parseCosignature(bytes.subarray(1))).toBeUndefined()
    expect(parseCosignature(new Uint8Array(72).fill(0xff))).toBeUndefined()
    const verifier = cosignatureVerifier(cosigner.vkey)
    expect(verifier.verify(encodeUtf8(body), new Uint8Array(72).fill(0xff))).toBe(false)
    expect(codeOf(() => formatCosignature({ time: 2n ** 63n, signature }))).toBe('INVALID_ARGUMENT')
    expect(codeOf(() => formatCosignature({ time: -1n, signature }))).toBe('INVALID_ARGUMENT')
    expect(codeOf(() => formatCosignature({ time: 0n, signature: bytes }))).toBe('INVALID_ARGUMENT')
  })

  test('after any change is refused or comes back', async () => {
    const parsed = parseNote(await signNote(body, [cosigner]))
    const [{ signature } = { signature: new Uint8Array() }] = parsed.ok
      ? parsed.note.signatures
      : []
    const verifier = cosignatureVerifier(cosigner.vkey, nodeVerifyEd25519)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(signature.length),
        fc.nat(2),
        fc.uint8Array({ maxLength: 2 }),
        async (at, removed, added) => {
          const changed = concatBytes(
            signature.subarray(0, at),
            added,
            signature.subarray(at + removed),
          )
          const read = parseCosignature(changed)
          if (read !== undefined) expect(formatCosignature(read)).toEqual(changed)
          const isSame = `${changed}` === `${signature}`
          expect(await verifier.verify(encodeUtf8(body), changed)).toBe(isSame)
        },
      ),
    )
  })

  test('is not verified by a key for notes', () => {
    expect(codeOf(() => cosignatureVerifier(realKeys.log))).toBe('INVALID_VKEY')
  })
})
