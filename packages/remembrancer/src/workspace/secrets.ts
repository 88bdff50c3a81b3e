/** The secret keys of a workspace, fetched from the keyring when they are first needed. */
import type { KeyObject } from 'node:crypto'
import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { encodeHex } from '@vaultmesh/merkle/bytes'
import type { NoteSigner } from '@vaultmesh/merkle/note'
import { RemembrancerError } from '../errors.ts'
import { ed25519RecordSigner, type RecordSigner } from '../signer.ts'
import { trustedAgent } from './agents.ts'
import { type KeyDuty, Keyring } from './keyring.ts'
import { keyringDirectory } from './layout.ts'
import { addLogKey, type LogKeys, logVkeys, readLogSigner } from './log-keys.ts'
import type { Setup } from './setup.ts'
import { embeddedSource, pinOf, type TimeSource } from './time-source.ts'

/** The signers of a workspace. */
export class Secrets {
  readonly #setup: Setup
  #passphrase: Promise<string | undefined> | undefined
  #recordSigner: RecordSigner | undefined
  readonly #agentSigners = new Map<string, RecordSigner>()
  #timeSource: TimeSource | undefined

  constructor(setup: Setup) {
    this.#setup = setup
  }

  /** The key that signs records. */
  async recordSigner(): Promise<RecordSigner> {
    this.#recordSigner ??= await this.#readRecordSigner()
    return this.#recordSigner
  }

  /** The key of an agent that the policy trusts now. */
  async agentSigner(name: string): Promise<RecordSigner> {
    // Asked of the policy every time: an agent may have been dismissed since.
    const { keyid } = await trustedAgent(this.#setup, name)
    const held = this.#agentSigners.get(keyid)
    if (held !== undefined) return held
    const key = await this.#read('agent', keyid.slice('ed25519:'.length))
    const signer = this.#ifSound('agent', () => ed25519RecordSigner(key))
    if (signer.keyid !== keyid) return this.#wrong('agent')
    this.#agentSigners.set(keyid, signer)
    return signer
  }

  /** The keys that sign checkpoints, the newest first. */
  async logSigners(keys: LogKeys): Promise<readonly NoteSigner[]> {
    const signers: NoteSigner[] = []
    for (const vkey of logVkeys(keys)) {
      signers.push(
        await this.#forgetting(() =>
          readLogSigner(this.#keyring(), vkey, () => this.#askPassphrase()),
        ),
      )
    }
    return signers
  }

  /** Makes another key for the log. `passphrase` encrypts it, `null` leaves it unencrypted. */
  addLogKey(passphrase: string | null): ReturnType<typeof addLogKey> {
    return addLogKey(this.#keyring(), this.#setup.config.origin, passphrase)
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

  #keyring(): Keyring {
    return new Keyring(keyringDirectory(this.#setup.options.env))
  }

  #read(duty: KeyDuty, fingerprint: string): Promise<KeyObject> {
    return this.#forgetting(() =>
      this.#keyring().read({ duty, fingerprint }, () => this.#askPassphrase()),
    )
  }

  /** A wrong answer is not kept: the next attempt asks again. */
  async #forgetting<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read()
    } catch (error) {
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
