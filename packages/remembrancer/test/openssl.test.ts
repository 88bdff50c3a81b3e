import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { itWith, temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect } from 'vitest'
import { ed25519KeyId, preAuthenticationEncoding } from '../src/index.ts'
import { ada, embedded, makeEntry, noon } from './kit/scene.ts'

// RFC 8410: what stands before the 32 bytes of a public key.
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

describe('openssl', () => {
  itWith(['openssl'], 'verifies the token of an entry over the raw signature', async () => {
    const { signatures, timestamps } = await makeEntry()
    const folder = temporaryDirectory()
    const write = (name: string, content: Uint8Array | string): string => {
      const path = join(folder, name)
      writeFileSync(path, content)
      return path
    }
    const verify = (data: Uint8Array): string =>
      execFileSync(
        'openssl',
        [
          ...['ts', '-verify', '-token_in', '-in', write('token.der', timestamps[0]?.der ?? '')],
          ...['-data', write('data', data), '-attime', `${noon.getTime() / 1000}`],
          ...['-CAfile', write('anchor.pem', new X509Certificate(embedded.keys.anchor).toString())],
        ],
        { stdio: 'pipe', encoding: 'utf8' },
      )
    const sig = signatures[0]?.sig ?? new Uint8Array()
    expect(verify(sig)).toContain('Verification: OK')
    expect(() => verify(sig.slice(1))).toThrow(/message imprint mismatch/)
  })

  itWith(['openssl'], 'verifies the Ed25519 signature of an entry over the PAE', async () => {
    const { payload, signatures } = await makeEntry()
    const folder = temporaryDirectory()
    const write = (name: string, content: Uint8Array): string => {
      const path = join(folder, name)
      writeFileSync(path, content)
      return path
    }
    const spki = write('key.der', Buffer.concat([spkiPrefix, ada.publicKey]))
    const args = ['pkeyutl', '-verify', '-pubin', '-inkey', spki, '-keyform', 'DER', '-rawin']
    const said = execFileSync(
      'openssl',
      [
        ...args,
        ...['-in', write('pae', preAuthenticationEncoding(payload))],
        ...['-sigfile', write('sig', signatures[0]?.sig ?? new Uint8Array())],
      ],
      { stdio: 'pipe', encoding: 'utf8' },
    )
    expect(said).toContain('Signature Verified Successfully')
    expect(signatures[0]?.keyid).toBe(ed25519KeyId(ada.publicKey))
  })
})
