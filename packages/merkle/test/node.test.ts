import { createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { encodeHex } from '../src/bytes.ts'
import {
  ed25519NoteSigner,
  ed25519Signer,
  nodeEd25519NoteVerifier,
  nodeVerifyEd25519,
} from '../src/node.ts'
import { formatVkey, openNote, signNote } from '../src/note.ts'
import { codeOf, keyOf } from './support.ts'

test('a private key signs notes under its name', async () => {
  const signer = ed25519NoteSigner('example.com/log', keyOf(1))
  const signed = await signNote('text\n', [signer])
  expect(await openNote(signed, [nodeEd25519NoteVerifier(signer.vkey)])).toMatchObject({
    ok: true,
    verified: [{ name: 'example.com/log', keyId: signer.keyId }],
  })
  expect(signer.vkey).toBe(formatVkey('example.com/log', 1, ed25519Signer(keyOf(1)).publicKey))
})

test('the public key is that of RFC 8032', () => {
  expect(encodeHex(ed25519Signer(keyOf(0)).publicKey)).toBe(
    '3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29',
  )
})

test('any other key is refused', () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  for (const key of [privateKey, createPublicKey(keyOf(1)), createSecretKey(Buffer.alloc(32))]) {
    expect(codeOf(() => ed25519Signer(key))).toBe('KEY_TYPE')
  }
  expect(codeOf(() => ed25519NoteSigner('a name', keyOf(1)))).toBe('INVALID_VKEY')
})

test('a key verifies what it signed, and no other key does, however many came between', () => {
  const message = new Uint8Array(1)
  const signers = Array.from({ length: 200 }, (_, i) => ed25519Signer(keyOf(i)))
  const signatures = signers.map(({ sign }) => sign(message))
  for (let round = 0; round < 2; round += 1) {
    const verdicts = signers.map(({ publicKey }, i) =>
      [i, i + 1].map((at) =>
        nodeVerifyEd25519(publicKey, message, signatures[at % 200] ?? message),
      ),
    )
    expect(verdicts).toEqual(signers.map(() => [true, false]))
  }
})

test('a key that OpenSSL does not take verifies nothing', async () => {
  vi.resetModules()
  vi.doMock('node:crypto', async (importOriginal) => ({
    ...(await importOriginal<typeof import('node:crypto')>()),
    createPublicKey: () => {
      throw new Error('no point')
    },
  }))
  const { nodeVerifyEd25519: verify } = await import('../src/node.ts')
  const { publicKey, sign } = ed25519Signer(keyOf(1))
  const message = new Uint8Array(1)
  expect(verify(publicKey, message, sign(message))).toBe(false)
  vi.doUnmock('node:crypto')
})
