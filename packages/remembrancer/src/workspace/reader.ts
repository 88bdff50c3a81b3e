/** The half of a workspace that needs no secret key and no lock. */
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { type LogReader, openLogReader } from '@vaultmesh/tlog'
import { encodeBundle } from '../bundle.ts'
import { type Entry, parseEntry } from '../entry.ts'
import { RemembrancerError } from '../errors.ts'
import { type MemoryRecord, parseRecord } from '../record.ts'
import { isBodyKind } from '../schemas/kinds.ts'
import { encodeTrustPolicy, parseTrustPolicy, type TrustPolicy } from '../trust-policy.ts'
import type { Verdict } from '../verdict.ts'
import { verifyBundle } from '../verify.ts'
import { personKeyIds, type Signers, signersOf } from './agents.ts'
import { readBlob } from './blobs.ts'
import { logVerifiers } from './log-place.ts'
import { RecordIndex } from './record-index.ts'
import type { Position } from './record-rows.ts'
import type { Setup } from './setup.ts'
import { standings } from './standings.ts'
import type {
  BodyView,
  DecisionFilter,
  DecisionItem,
  RecordView,
  SearchFilter,
  SearchHit,
  TimelineFilter,
  TimelineItem,
} from './types.ts'

/** A record as the log holds it. */
export interface Stored {
  readonly index: bigint
  readonly bytes: Uint8Array
  readonly entry: Entry
  readonly record: MemoryRecord
}

interface Proven {
  readonly bundle: Uint8Array
  readonly verdict: Verdict
}

function refusal({ checks }: Verdict): never {
  const failed = checks.filter(({ status }) => !['pass', 'warn', 'skipped'].includes(status))
  const reasons = failed.map(({ id, detail }) => `${id}: ${detail}`)
  throw new RemembrancerError(
    'PROOF_REFUSED',
    `This proof would not convince anyone who holds this workspace's own policy. ${reasons.join('; ')}`,
  )
}

function storedSigners({ entry, record }: Stored, policy: TrustPolicy): Promise<Signers> {
  return signersOf(entry, record.namespace, policy)
}

/** Reads records, their bodies and their proofs. */
export class Reader {
  readonly #setup: Setup
  #log: Promise<LogReader> | undefined
  #index: RecordIndex | undefined

  constructor(setup: Setup) {
    this.#setup = setup
  }

  async timeline(filter: TimelineFilter): Promise<readonly TimelineItem[]> {
    return this.#openIndex().timeline(await this.#openLog(), filter)
  }

  async search(query: string, filter: SearchFilter): Promise<readonly SearchHit[]> {
    const { blobs } = this.#setup.layout
    return this.#openIndex().search(await this.#openLog(), blobs, query, filter)
  }

  async decisions(filter: DecisionFilter): Promise<readonly DecisionItem[]> {
    const log = await this.#openLog()
    const policy = await this.#setup.policy()
    const rows = await this.#openIndex().decisions(log, filter, personKeyIds(policy))
    return standings(rows, async (position) => storedSigners(await this.#stored(position), policy))
  }

  async show(id: string): Promise<RecordView> {
    const stored = await this.#stored(await this.#find(id))
    const { record, entry, index } = stored
    const { verdict } = await this.#prove(stored)
    const body = await this.body(record)
    const { agents } = await storedSigners(stored, await this.#setup.policy())
    const attestedAt = verdict.record?.attestedAt
    return {
      id: record.id,
      index,
      kind: record.kind,
      title: record.title,
      occurredAt: record.occurredAt,
      tags: record.tags,
      namespace: record.namespace,
      origin: this.#setup.config.origin,
      verified: verdict.ok,
      ...(attestedAt === undefined ? {} : { attestedAt }),
      subject: record.subject,
      predicate: record.predicate,
      ...(body === undefined ? {} : { body }),
      signers: entry.signatures.map(({ keyid }) => keyid),
      agents,
    }
  }

  async prove(id: string): Promise<Uint8Array> {
    const { bundle, verdict } = await this.#prove(await this.#stored(await this.#find(id)))
    return verdict.ok ? bundle : refusal(verdict)
  }

  async exportPolicy(): Promise<Uint8Array> {
    return encodeTrustPolicy(await this.#setup.policy())
  }

  /** The first record with an idempotency key. */
  async withKey(key: string): Promise<Stored | undefined> {
    const position = await this.#openIndex().withKey(await this.#openLog(), key)
    return position === undefined ? undefined : this.#stored(position)
  }

  /** Who signed a record, as far as the policy knows them. */
  async signers(stored: Stored): Promise<Signers> {
    return storedSigners(stored, await this.#setup.policy())
  }

  /** When a record was stamped, as the workspace's policy sees it. */
  async attestedAt(stored: Stored): Promise<string> {
    const proven = await this.#prove(stored)
    return proven.verdict.record?.attestedAt ?? refusal(proven.verdict)
  }

  /** The body of a record, for the kinds that have one. */
  async body({ kind, body, subject }: MemoryRecord): Promise<BodyView | undefined> {
    if (!isBodyKind(kind)) return undefined
    const digest = subject[0]?.digest['sha256'] ?? ''
    const found = body ?? (await readBlob(this.#setup.layout.blobs, digest))
    return found === undefined
      ? { state: 'absent', digest }
      : { state: 'present', mediaType: found.mediaType, text: found.text }
  }

  close(): void {
    this.#index?.close()
    this.#index = undefined
  }

  #openLog(): Promise<LogReader> {
    const { layout, config } = this.#setup
    this.#log ??= openLogReader({
      directory: layout.log(config.namespace),
      origin: config.origin,
      verifiers: logVerifiers(config.keys),
    })
    return this.#log
  }

  #openIndex(): RecordIndex {
    this.#index ??= new RecordIndex(this.#setup.layout.index)
    return this.#index
  }

  async #find(id: string): Promise<Position> {
    const prefix = /^(?:sha256:)?([0-9a-f]{8,64})$/.exec(id)?.[1]
    if (prefix === undefined) {
      throw new RemembrancerError(
        'RECORD_MISSING',
        `"${id}" is not a record id: give at least 8 of its hex digits, with or without "sha256:".`,
      )
    }
    const [found, other] = await this.#openIndex().withPrefix(await this.#openLog(), prefix)
    if (found === undefined) {
      throw new RemembrancerError('RECORD_MISSING', `No record's id begins with ${prefix}.`)
    }
    if (other !== undefined) {
      const both = `${found.id} and ${other.id}`
      throw new RemembrancerError('RECORD_AMBIGUOUS', `${prefix} begins ${both}. Give more digits.`)
    }
    return found
  }

  async #stored({ id, index }: Position): Promise<Stored> {
    const log = await this.#openLog()
    const bytes = await log.entry(index)
    const entry = parseEntry(bytes)
    const record = entry.ok ? parseRecord(entry.value.payload) : entry
    if (!entry.ok || !record.ok || record.value.id !== id) {
      throw new RemembrancerError(
        'LOG_ENTRY_INVALID',
        `Entry ${index} of the log is not the record ${id} that was indexed there. The log was altered: check it with vm doctor.`,
      )
    }
    return { index, bytes, entry: entry.value, record: record.value }
  }

  async #prove({ index, bytes }: Stored): Promise<Proven> {
    const log = await this.#openLog()
    const bundle = encodeBundle({ entry: bytes, proof: await log.prove(index) })
    // As exported: the very bytes that the other side will hold.
    const policy = parseTrustPolicy(await this.exportPolicy())
    if (!policy.ok) throw new RemembrancerError('POLICY_INVALID', policy.problems.join('; '))
    const verdict = await verifyBundle(bundle, policy.policy, { verify: nodeVerifyEd25519 })
    return { bundle, verdict }
  }
}
