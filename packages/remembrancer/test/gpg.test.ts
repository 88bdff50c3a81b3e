import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { itWith, temporaryDirectory } from '@vaultmesh/testing'
import * as openpgp from 'openpgp'
import { describe, expect, onTestFinished } from 'vitest'
import { openpgpSigner, preAuthenticationEncoding } from '../src/index.ts'
import { verifyBundle } from '../src/verify.ts'
import { makeOpenPgpKey, openpgpMember } from './kit/openpgp.ts'
import { makeBundle, makeEntry, noon, policyDocument, policyOf } from './kit/scene.ts'

interface Gpg {
  readonly home: string
  (...args: readonly string[]): Buffer
}

/** gpg with a home of its own, whose agent ends with the test. The path is short: sockets need it. */
function makeGpg(): Gpg {
  const home = temporaryDirectory('g-')
  const env = { ...process.env, GNUPGHOME: home, LC_ALL: 'C' }
  onTestFinished(() => {
    execFileSync('gpgconf', ['--kill', 'all'], { env, stdio: 'ignore' })
  })
  const always = [
    '--batch',
    '--quiet',
    '--no-tty',
    '--pinentry-mode',
    'loopback',
    '--passphrase',
    '',
  ]
  // The scene plays at a time of its own.
  const run = (...args: readonly string[]) =>
    execFileSync('gpg', [...always, '--faked-system-time', '20261123T120000!', ...args], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  return Object.assign(run, { home })
}

describe('gpg', () => {
  itWith(['gpg'], 'verifies the signature of openpgpSigner over the PAE bytes', async () => {
    const key = await makeOpenPgpKey()
    const entry = await makeEntry({ signers: [await openpgpSigner(key, () => noon)] })
    const gpg = makeGpg()
    const write = (name: string, content: string | Uint8Array): string => {
      const path = join(gpg.home, name)
      writeFileSync(path, content)
      return path
    }
    gpg('--import', write('key.asc', key.toPublic().armor()))
    const sig = write('sig', entry.signatures[0]?.sig ?? '')
    const data = write('data', preAuthenticationEncoding(entry.payload))
    const status = gpg('--status-fd', '1', '--verify', sig, data).toString()
    expect(status).toContain(`VALIDSIG ${key.getFingerprint().toUpperCase()}`)
    const other = write('other', 'DSSEv1')
    expect(() => gpg('--verify', sig, other)).toThrow(/BAD signature/)
  })

  itWith(['gpg'], 'makes a binary detached signature that an entry can hold', async () => {
    const gpg = makeGpg()
    gpg('--quick-generate-key', 'Grace <grace@example.com>', 'ed25519', 'sign', 'never')
    const binaryKey = gpg('--export')
    const key = await openpgp.readKey({ binaryKey })
    const signer = {
      keyid: `openpgp:${key.getFingerprint()}`,
      maxSignatureBytes: 512,
      sign: (data: Uint8Array) => {
        const path = join(gpg.home, 'data')
        writeFileSync(path, data)
        gpg('--output', `${path}.sig`, '--detach-sign', path)
        return Promise.resolve(new Uint8Array(readFileSync(`${path}.sig`)))
      },
    }
    const policy = policyOf(policyDocument({ keys: [openpgpMember(key)] }))
    const verdict = await verifyBundle(await makeBundle({ signers: [signer] }), policy)
    expect(verdict.ok).toBe(true)
  })
})
