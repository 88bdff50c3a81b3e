/** The half of a workspace that signs and logs. */
import { type Log, type LogOptions, openLog, recoverLog } from '@vaultmesh/tlog'
import { isSameContent } from '../content.ts'
import { type BuiltRecord, buildRecord, type RecordDraft } from '../draft.ts'
import { encodeEntry } from '../entry.ts'
import { RemembrancerError } from '../errors.ts'
import type { SeenHead } from '../record.ts'
import { sealRecord } from '../seal.ts'
import type { RecordSigner } from '../signer.ts'
import { isByAgents, requireAgentKind } from './agents.ts'
import { putBlob } from './blobs.ts'
import { logOptionsOf, workspaceLog } from './log-place.ts'
import type { Reader, Stored } from './reader.ts'
import type { Secrets } from './secrets.ts'
import type { Setup } from './setup.ts'
import type { Recorded, RecordOptions } from './types.ts'

const defaultLockTimeoutMs = 10_000

/** Writes records. */
export class Writer {
  readonly #setup: Setup
  readonly #secrets: Secrets
  readonly #reader: Reader
  /** The attempts that are under way, by idempotency key. */
  readonly #underWay = new Map<string, Promise<Recorded>>()
  #log: Promise<Log> | undefined

  constructor(setup: Setup, secrets: Secrets, reader: Reader) {
    this.#setup = setup
    this.#secrets = secrets
    this.#reader = reader
  }

  async record(draft: RecordDraft, options: RecordOptions): Promise<Recorded> {
    const { idempotencyKey } = draft
    if (options.agent !== undefined) requireAgentKind(draft.kind)
    if (idempotencyKey === undefined) return this.#write(await this.#build(draft), options)
    // Two attempts at once with one key: the second must find what the first has written.
    const before = this.#underWay.get(idempotencyKey) ?? Promise.resolve()
    const mine = before
      .catch(() => undefined)
      .then(() => this.#writeOnce(draft, idempotencyKey, options))
    this.#underWay.set(idempotencyKey, mine)
    try {
      return await mine
    } finally {
      if (this.#underWay.get(idempotencyKey) === mine) this.#underWay.delete(idempotencyKey)
    }
  }

  /** Fails where `record` would fail before it has done anything. */
  async prepare(options: RecordOptions): Promise<void> {
    await this.#signer(options)
    await this.#secrets.timeSource()
    await this.#openLog()
    const failure = await this.failure()
    if (failure !== undefined) throw failure
  }

  /** Why the log takes nothing more; undefined where it does, or has not been opened. */
  async failure(): Promise<Error | undefined> {
    const log = await this.#log?.catch(() => undefined)
    return log?.status().failure
  }

  async recover(expectedSize: bigint): Promise<void> {
    await this.close()
    const log = await recoverLog({ ...(await this.#logOptions()), expectedSize })
    await log.close()
  }

  async close(): Promise<void> {
    const log = this.#log
    this.#log = undefined
    // A log that could not be opened holds no lock.
    await (await log?.catch(() => undefined))?.close()
  }

  async #writeOnce(draft: RecordDraft, key: string, options: RecordOptions): Promise<Recorded> {
    const built = await this.#build(draft)
    const first = await this.#reader.withKey(key)
    if (first === undefined) return this.#write(built, options)
    await this.#requireSameSigner(first, key, options)
    return this.#repeat(first, built, key)
  }

  /** What an agent signed is no other's record, nor the other way round. */
  async #requireSameSigner(first: Stored, key: string, { agent }: RecordOptions): Promise<void> {
    const signers = await this.#reader.signers(first)
    const isSame = agent === undefined ? !isByAgents(signers) : signers.agents.includes(agent)
    if (isSame) return
    throw new RemembrancerError(
      'IDEMPOTENCY_CONFLICT',
      `The idempotency key "${key}" was used for ${first.record.id}, which another signed. Use another key.`,
    )
  }

  async #repeat(first: Stored, built: BuiltRecord, key: string): Promise<Recorded> {
    const { record, index } = first
    const body = await this.#reader.body(record)
    const isSame =
      body?.state !== 'absent' &&
      isSameContent({ record, body }, { record: built.record, body: built.body?.body })
    if (!isSame) {
      const reason =
        body?.state === 'absent' ? 'whose text is no longer here to compare' : 'with other content'
      throw new RemembrancerError(
        'IDEMPOTENCY_CONFLICT',
        `The idempotency key "${key}" was used for ${record.id}, ${reason}. Use another key for another record.`,
      )
    }
    const attestedAt = await this.#reader.attestedAt(first)
    return this.#recorded(first.record, index, attestedAt, true)
  }

  async #build(draft: RecordDraft): Promise<BuiltRecord> {
    const { config, options } = this.#setup
    const after = await this.#seenHead()
    return buildRecord(draft, {
      namespace: config.namespace,
      now: options.clock(),
      ...(after === undefined ? {} : { after }),
    })
  }

  async #seenHead(): Promise<SeenHead | undefined> {
    const { size, root } = await (await this.#openLog()).head()
    return size === 0n ? undefined : { origin: this.#setup.config.origin, size, root }
  }

  #signer({ agent }: RecordOptions): Promise<RecordSigner> {
    return agent === undefined ? this.#secrets.recordSigner() : this.#secrets.agentSigner(agent)
  }

  async #write({ record, body }: BuiltRecord, options: RecordOptions): Promise<Recorded> {
    const log = await this.#openLog()
    const signer = await this.#signer(options)
    const { maxTokenBytes, attest } = await this.#secrets.timeSource()
    let attestedAt = ''
    const stamp = async (imprint: Uint8Array): Promise<Uint8Array> => {
      const { token, time } = await attest(imprint)
      attestedAt = time
      return token
    }
    const seal = { signers: [signer], sources: [{ maxTokenBytes, stamp }] }
    const entry = await sealRecord(record, seal)
    // The text first: a logged record whose text was lost in a crash could never be completed.
    if (body !== undefined) await putBlob(this.#setup.layout.blobs, body.digest, body.bytes)
    const { index } = await log.add(encodeEntry(entry)).published
    return this.#recorded(record, index, attestedAt, false)
  }

  #recorded(
    { id, kind, title, occurredAt }: Stored['record'],
    index: bigint,
    attestedAt: string,
    repeated: boolean,
  ): Recorded {
    const { origin } = this.#setup.config
    return { id, kind, title, index, origin, occurredAt, attestedAt, repeated }
  }

  #openLog(): Promise<Log> {
    if (this.#log !== undefined) return this.#log
    const opening = this.#logOptions().then(openLog)
    this.#log = opening
    // A lock that another holds now may be free at the next attempt.
    opening.catch(() => {
      if (this.#log === opening) this.#log = undefined
    })
    return opening
  }

  async #logOptions(): Promise<LogOptions> {
    const { lockTimeoutMs = defaultLockTimeoutMs, signal, observer } = this.#setup.options
    const place = await workspaceLog(this.#setup, this.#secrets)
    return logOptionsOf(place, { lockTimeoutMs, signal, observer })
  }
}
