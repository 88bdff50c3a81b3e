/** The secret keys of a workspace, fetched from the keyring when they are first needed. */
import type { KeyObject } from 'node:crypto'
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import { ed25519NoteSigner } from '@vaultmesh/merkle/node'
import { type NoteSigner, parseVkey } from '@vaultmesh/merkle/note'
import { sha256 } from '@vaultmesh/merkle/rfc6962'
import { RemembrancerError } from '../errors.ts'
import { ed25519RecordSigner, type RecordSigner } from '../signer.ts'
import { type KeyDuty, Keyring } from './keyring.ts'
import { keyringDirectory } from './layout.ts'
import type { Setup } from './setup.ts'
import { embeddedSource, pinOf, type TimeSource } from './time-source.ts'

/** The signers of a workspace. */
export class Secrets {
  readonly #setup: Setup
  #passphrase: Promise<string | undefined> | undefined
  #recordSigner: RecordSigner | undefined
  #timeSource: TimeSource | undefined

  constructor(setup: Setup) {
    this.#setup = setup
  }

  /** The key that signs records. */
  async recordSigner(): Promise<RecordSigner> {
    this.#recordSigner ??= await this.#readRecordSigner()
    return this.#recordSigner
  }

  /** The key that signs checkpoints. */
  async logSigner(): Promise<NoteSigner> {
    const { origin, keys } = this.#setup.config
    const publicKey = parseVkey(keys.log)?.publicKey ?? new Uint8Array()
    const key = await this.#read('log', encodeHex(sha256(publicKey)))
    const signer = this.#ifSound('log', () => ed25519NoteSigner(origin, key))
    return signer.vkey === keys.log ? signer : this.#wrong('log')
  }

  /** The embedded time authority. */
  async timeSource(): Promise<TimeSource> {
    this.#timeSource ??= await this.#readTimeSource()
    return this.#timeSource
  }

  async #readRecordSigner(): Promise<RecordSigner> {
    const { record } = this.#setup.config.keys
    const key = await this.#read('record', record.slice('ed25519:'.length))
    const signer = this.#ifSound('record', () => ed25519RecordSigner(key))
    return signer.keyid === record ? signer : this.#wrong('record')
  }

  async #readTimeSource(): Promise<TimeSource> {
    const { config, layout, options, policy } = this.#setup
    const privateKey = await this.#read('time', config.keys.timeAuthority)
    const pem = await readFile(layout.certificate, 'utf8').catch(() => '')
    const { timeAuthorities } = await policy()
    return this.#ifSound('time', () => {
      const certificate = new Uint8Array(new X509Certificate(pem).raw)
      if (encodeHex(pinOf(certificate)) !== config.keys.timeAuthority) return this.#wrong('time')
      return embeddedSource({
        privateKey,
        certificate,
        clock: options.clock,
        authorities: timeAuthorities,
      })
    })
  }

  async #read(duty: KeyDuty, fingerprint: string): Promise<KeyObject> {
    const keyring = new Keyring(keyringDirectory(this.#setup.options.env))
    try {
      return await keyring.read({ duty, fingerprint }, () => this.#askPassphrase())
    } catch (error) {
      // A wrong answer is not kept: the next attempt asks again.
      this.#passphrase = undefined
      throw error
    }
  }

  #askPassphrase(): Promise<string | undefined> {
    this.#passphrase ??= this.#setup.options.passphrase?.() ?? Promise.resolve(undefined)
    return this.#passphrase
  }

  #ifSound<T>(duty: KeyDuty, make: () => T): T {
    try {
      return make()
    } catch (cause) {
      return this.#wrong(duty, cause)
    }
  }

  #wrong(duty: KeyDuty, cause?: unknown): never {
    if (cause instanceof RemembrancerError) throw cause
    throw new RemembrancerError(
      'KEYRING_KEY_INVALID',
      `The ${duty} key in the keyring is not the one that ${this.#setup.layout.config} names. Restore the right one.`,
      { cause },
    )
  }
}
