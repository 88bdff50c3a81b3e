/** OpenPGP keys for tests. New in every run. */
import * as openpgp from 'openpgp'
import { begin, keyMember, type PolicyDocument } from './scene.ts'

export interface KeyOptions {
  readonly created?: string
  /** Seconds after creation. */
  readonly expires?: number
  readonly signingSubkeys?: number
}

/** A key that gpg can import too. */
export async function makeOpenPgpKey(options: KeyOptions = {}): Promise<openpgp.PrivateKey> {
  const { created = begin, expires = 0, signingSubkeys = 0 } = options
  const { privateKey } = await openpgp.generateKey({
    type: 'ecc',
    curve: 'ed25519Legacy',
    userIDs: [{ name: 'Grace', email: 'grace@example.com' }],
    date: new Date(created),
    keyExpirationTime: expires,
    subkeys: Array.from({ length: signingSubkeys }, () => ({ sign: true })),
    format: 'object',
  })
  return privateKey
}

export function openpgpMember(key: openpgp.Key, more: PolicyDocument = {}): PolicyDocument {
  return keyMember(key.toPublic().write(), 'Grace', { algorithm: 'openpgp', ...more })
}
