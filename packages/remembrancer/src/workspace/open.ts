/** An open workspace. */
import type { TimeAuthority } from '@vaultmesh/tsp'
import type { RecordDraft } from '../draft.ts'
import { RemembrancerError } from '../errors.ts'
import type { RecordSigner } from '../signer.ts'
import { addAgent, trustedAgents } from './agents.ts'
import { type LogPlace, workspaceLog } from './log-place.ts'
import { Reader } from './reader.ts'
import { Secrets } from './secrets.ts'
import { findWorkspace, type Setup } from './setup.ts'
import type { Attested } from './time-source.ts'
import { withPin, withTimeAuthority } from './time-trust.ts'
import type {
  Agent,
  AgentOptions,
  DecisionFilter,
  DecisionItem,
  OpenOptions,
  Recorded,
  RecordOptions,
  RecordView,
  SearchFilter,
  SearchHit,
  TimelineFilter,
  TimelineItem,
  Workspace,
  WorkspaceKeys,
} from './types.ts'
import { type NewWitness, type QuorumChange, withWitness } from './witness-trust.ts'
import { Writer } from './writer.ts'

class OpenWorkspace implements Workspace {
  readonly root: string
  readonly namespace: string
  readonly origin: string
  readonly keys: WorkspaceKeys
  readonly #setup: Setup
  readonly #secrets: Secrets
  readonly #reader: Reader
  readonly #writer: Writer
  #isClosed = false

  constructor(setup: Setup) {
    this.root = setup.root
    this.namespace = setup.config.namespace
    this.origin = setup.config.origin
    this.keys = setup.config.keys
    this.#setup = setup
    this.#secrets = new Secrets(setup)
    this.#reader = new Reader(setup)
    this.#writer = new Writer(setup, this.#secrets, this.#reader)
  }

  async record(draft: RecordDraft, options: RecordOptions = {}): Promise<Recorded> {
    this.#checkOpen()
    return this.#writer.record(draft, options)
  }

  async search(query: string, filter: SearchFilter = {}): Promise<readonly SearchHit[]> {
    this.#checkOpen()
    return this.#reader.search(query, filter)
  }

  async decisions(filter: DecisionFilter = {}): Promise<readonly DecisionItem[]> {
    this.#checkOpen()
    return this.#reader.decisions(filter)
  }

  async agents(): Promise<readonly Agent[]> {
    this.#checkOpen()
    return trustedAgents(this.#setup)
  }

  async addAgent(options: AgentOptions): Promise<Agent> {
    this.#checkOpen()
    return addAgent(this.#setup, options)
  }

  async timeline(filter: TimelineFilter = {}): Promise<readonly TimelineItem[]> {
    this.#checkOpen()
    return this.#reader.timeline(filter)
  }

  async show(id: string): Promise<RecordView> {
    this.#checkOpen()
    return this.#reader.show(id)
  }

  async prove(id: string): Promise<Uint8Array> {
    this.#checkOpen()
    return this.#reader.prove(id)
  }

  async timeAuthorities(): Promise<readonly TimeAuthority[]> {
    this.#checkOpen()
    return (await this.#setup.policy()).timeAuthorities
  }

  async trustTimeAuthority(authority: TimeAuthority): Promise<void> {
    this.#checkOpen()
    await this.#setup.editPolicy((edit) => withTimeAuthority(edit, authority))
  }

  async pinTimeAuthority(name: string, pin: Uint8Array): Promise<void> {
    this.#checkOpen()
    await this.#setup.editPolicy((edit) => withPin(edit, name, pin))
  }

  async trustWitness(witness: NewWitness): Promise<QuorumChange> {
    this.#checkOpen()
    const { change } = await this.#setup.editPolicy((edit) =>
      withWitness(edit, this.origin, witness),
    )
    return change
  }

  async timestamp(digest: Uint8Array): Promise<Attested> {
    this.#checkOpen()
    return (await this.#secrets.timeSource()).attest(digest)
  }

  async log(): Promise<LogPlace> {
    this.#checkOpen()
    return workspaceLog(this.#setup, this.#secrets)
  }

  async exportPolicy(): Promise<Uint8Array> {
    this.#checkOpen()
    return this.#reader.exportPolicy()
  }

  async signer(): Promise<RecordSigner> {
    this.#checkOpen()
    return this.#secrets.recordSigner()
  }

  async prepareToRecord(options: RecordOptions = {}): Promise<void> {
    this.#checkOpen()
    await this.#writer.prepare(options)
  }

  async recordFailure(): Promise<Error | undefined> {
    this.#checkOpen()
    return this.#writer.failure()
  }

  async recoverLog(expectedSize: bigint): Promise<void> {
    this.#checkOpen()
    await this.#writer.recover(expectedSize)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#writer.close()
    this.#reader.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #checkOpen(): void {
    if (this.#isClosed) {
      throw new RemembrancerError('WORKSPACE_CLOSED', 'This workspace was closed. Open it again.')
    }
  }
}

/**
 * Opens the workspace that holds a folder. Keys and lock are taken when they are first needed.
 *
 * @throws RemembrancerError WORKSPACE_MISSING, CONFIG_INVALID
 */
export async function openWorkspace(options: OpenOptions): Promise<Workspace> {
  return new OpenWorkspace(await findWorkspace(options))
}
