/**
 * A router: decides against what is free, and leases what it chose.
 *
 * Requests that come while the disk is busy with those before them share the next transaction, and
 * one sync. No answer leaves before its lease is on the disk.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { gpuName } from '../catalog/gpu-names.ts'
import type { Offer } from '../catalog/offer.ts'
import type { Snapshot } from '../catalog/snapshot.ts'
import { decide } from '../decide/decide.ts'
import type { Decision } from '../decide/decision.ts'
import { defaultPolicy, type Policy } from '../decide/policy.ts'
import type { Request } from '../decide/request.ts'
import { RouterError } from '../errors.ts'
import type { Asked, HoldBatch, Known } from '../leases/batch.ts'
import { requireText, requireWhole } from '../leases/checks.ts'
import type { Ledger, ReleaseOptions } from '../leases/ledger.ts'
import type { Lease } from '../leases/types.ts'
import { maxDurationMs } from '../money.ts'
import { questionText } from './question.ts'
import { type Receipt, receiptOf } from './receipt.ts'
import { Stock } from './stock.ts'

/** What a {@link Router} is made of. */
export interface RouterOptions {
  readonly catalog: Snapshot
  /** Open, and left open: whoever opened it closes it, after {@link Router.settled}. */
  readonly ledger: Ledger
  /** `defaultPolicy` unless given. */
  readonly policy?: Policy
  /** The time in milliseconds since 1970. */
  readonly clock: () => number
}

/** How a request is routed. */
export interface RouteOptions {
  /** How long the lease is held unless it is bound, in milliseconds; 300,000 unless given. */
  readonly ttlMs?: number
  /** Decides between offers that are equal; empty unless given. */
  readonly seed?: string
  /** True where the decision is to be recorded: its receipt is kept with the lease. */
  readonly keepReceipt?: boolean
}

/** What came of a request. */
export interface Routed {
  /** Null where the key was known: what it was decided from is gone. */
  readonly decision: Decision | null
  /** Null where every offer is refused. */
  readonly lease: Lease | null
  /** True where the key was known: the first lease is given back as it is now. */
  readonly repeated: boolean
  /** With `keepReceipt`, the receipt of the first decision under this key. */
  readonly receipt: Receipt | null
}

interface Waiting {
  readonly request: Request
  readonly key: string
  readonly ttlMs: number
  readonly seed: string
  readonly keepReceipt: boolean
  readonly resolve: (routed: Routed) => void
  readonly reject: (error: unknown) => void
}

type Settled =
  | { readonly waiting: Waiting; readonly routed: Routed }
  | { readonly waiting: Waiting; readonly error: unknown }

const usualTtlMs = 300_000

/** Requests in one transaction: each adds to what the others wait for. */
const maxTogether = 256

/**
 * A transaction and its sync cost the process as much as some ten leases. Where several requests
 * came together, the next transaction begins this long, in milliseconds, after the last began, so
 * that others come along; a request that comes alone waits for nobody.
 */
const paceMs = 2

/** From this many requests in a transaction on, the next one waits for company. */
const busyFrom = 4

/** Routes requests. Make one with {@link openRouter}. */
export class Router {
  readonly catalog: Snapshot
  readonly policy: Policy
  readonly #ledger: Ledger
  readonly #clock: () => number
  readonly #stock: Stock
  readonly #queue: Waiting[] = []
  #work: Promise<void> | undefined

  /** Made by {@link openRouter}. @internal */
  constructor({ catalog, ledger, policy = defaultPolicy, clock }: RouterOptions) {
    this.catalog = catalog
    this.policy = policy
    this.#ledger = ledger
    this.#clock = clock
    this.#stock = new Stock(catalog)
  }

  /** The offers, the cheapest first, with what is free of them; of one GPU where it is named. */
  offers(gpu?: string): readonly Offer[] {
    const name = gpu === undefined ? undefined : gpuName(gpu)
    return this.#now()
      .offers.filter((offer) => name === undefined || offer.gpu === name)
      .toSorted((a, b) => a.priceMicroUsd - b.priceMicroUsd || (a.id < b.id ? -1 : 1))
  }

  /** What would be chosen now. Sets nothing aside. */
  decide(request: Request, seed = ''): Decision {
    return decide(this.#now(), request, this.policy, this.#clock(), seed)
  }

  /**
   * Chooses an offer and sets it aside, once for a key: the same key and question give back the
   * first lease, whatever has become of it. An offer of which nobody has said how many units there
   * are is refused with `NO_CAPACITY`. On the disk when this resolves.
   *
   * `key` has 1 to 200 characters. Decided against what was free when its transaction began.
   *
   * @throws {RouterError} `IDEMPOTENCY_CONFLICT` for a key of another question or of a plain hold,
   * `BUDGET_UNKNOWN`, `BUDGET_EXCEEDED`, `INVALID_ARGUMENT`, and what a ledger throws.
   */
  async route(request: Request, key: string, options: RouteOptions = {}): Promise<Routed> {
    const { ttlMs = usualTtlMs, seed = '', keepReceipt = false } = options
    requireText('idempotencyKey', key)
    requireWhole('ttlMs', ttlMs, 1, maxDurationMs)
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, key, ttlMs, seed, keepReceipt, resolve, reject })
      // Others of this turn of the event loop come along.
      this.#work ??= new Promise<void>((begin) => setImmediate(begin)).then(() => this.#run())
    })
  }

  /** As the ledger's `bind`; on the disk when this resolves. */
  async bind(id: string, fence: number, reference: string, ttlMs: number): Promise<Lease> {
    return this.#durably(() => this.#ledger.bind(id, fence, reference, ttlMs))
  }

  /** As the ledger's `release`; on the disk when this resolves. */
  async release(id: string, fence: number, options: ReleaseOptions = {}): Promise<Lease> {
    return this.#durably(() => this.#ledger.release(id, fence, options))
  }

  /** A lease by its id. @throws {RouterError} `LEASE_NOT_FOUND`. */
  lease(id: string): Lease {
    return this.#ledger.lease(id)
  }

  /** How many leases are in each state. */
  counts(): ReturnType<Ledger['counts']> {
    return this.#ledger.counts()
  }

  /** Why no lease is given until the ledger is opened again; undefined while it works. */
  get failure(): RouterError | undefined {
    return this.#ledger.failure
  }

  /** Resolves once nothing waits any more. */
  async settled(): Promise<void> {
    await this.#work
    await this.#ledger.durable()
  }

  #now(): Snapshot {
    return this.#ledger.batch((batch) => this.#stock.before(batch))
  }

  async #durably(work: () => Lease): Promise<Lease> {
    const lease = work()
    await this.#ledger.durable()
    return lease
  }

  async #run(): Promise<void> {
    try {
      while (this.#queue.length > 0) {
        const next = performance.now() + paceMs
        const all = this.#queue.splice(0, maxTogether)
        await this.#together(all)
        const rest = all.length < busyFrom ? 0 : next - performance.now()
        if (rest > 0) await wait(rest)
      }
    } finally {
      this.#work = undefined
    }
  }

  async #together(all: readonly Waiting[]): Promise<void> {
    try {
      const settled = this.#commit(all)
      await this.#ledger.durable()
      for (const each of settled) {
        if ('error' in each) each.waiting.reject(each.error)
        else each.waiting.resolve(each.routed)
      }
    } catch (error) {
      // Nothing of it was committed, or nobody knows whether it is on the disk.
      this.#stock.forget()
      for (const { reject } of all) reject(error)
    }
  }

  #commit(all: readonly Waiting[]): Settled[] {
    const { settled, taken, version } = this.#ledger.batch((batch) => {
      let snapshot = this.#stock.before(batch)
      const again = (): Snapshot => {
        snapshot = this.#stock.within(batch)
        return snapshot
      }
      return {
        settled: all.map((waiting) => this.#settle(waiting, batch, snapshot, again)),
        taken: batch.taken(),
        version: batch.stock(),
      }
    })
    this.#stock.after(taken, version + taken.size)
    return settled
  }

  #settle(waiting: Waiting, batch: HoldBatch, snapshot: Snapshot, again: () => Snapshot): Settled {
    try {
      try {
        return { waiting, routed: this.#routed(waiting, batch, snapshot) }
      } catch (error) {
        if (!(error instanceof RouterError) || error.code !== 'CAPACITY_EXCEEDED') throw error
        // Others of this transaction have taken the last units of what was chosen.
        return { waiting, routed: this.#routed(waiting, batch, again()) }
      }
    } catch (error) {
      // A refusal is one request's own; anything else ends the transaction for all.
      if (error instanceof RouterError) return { waiting, error }
      throw error
    }
  }

  #routed(waiting: Waiting, batch: HoldBatch, snapshot: Snapshot): Routed {
    const { request, key, ttlMs, seed, keepReceipt } = waiting
    const question = questionText(request, ttlMs, seed)
    const decision = decide(snapshot, request, this.policy, this.#clock(), seed)
    const receipt = keepReceipt ? receiptOf(decision) : null
    const asked = { question, ...(receipt === null ? {} : { receipt: JSON.stringify(receipt) }) }
    try {
      const found = take(decision, key, ttlMs, batch, asked)
      if (found !== null && 'lease' in found) return repeat(found, key, question)
      if (found !== null) return { decision, lease: found, repeated: false, receipt }
    } catch (error) {
      const known = batch.known(key)
      if (known === undefined) throw error
      return repeat(known, key, question)
    }
    const known = batch.known(key)
    if (known !== undefined) return repeat(known, key, question)
    return { decision, lease: null, repeated: false, receipt }
  }
}

/** Takes what was chosen; null where nothing was. */
function take(
  { chosen, costMicroUsd, inputs }: Decision,
  key: string,
  ttlMs: number,
  batch: HoldBatch,
  asked: Asked,
): Lease | Known | null {
  if (chosen === null || costMicroUsd === null) return null
  const { tenant, units = 1 } = inputs.request
  batch.assume(chosen.id, chosen.capacity ?? 0)
  const hold = { idempotencyKey: key, offerId: chosen.id, tenant, units, costMicroUsd, ttlMs }
  return batch.take(hold, asked)
}

function repeat({ lease, question, receipt }: Known, key: string, asked: string): Routed {
  if (question !== asked) {
    throw new RouterError(
      'IDEMPOTENCY_CONFLICT',
      `the key ${key} was used for ${question === null ? 'a hold' : 'another question'}`,
    )
  }
  const kept = receipt === null ? null : (JSON.parse(receipt) as Receipt)
  return { decision: null, lease, repeated: true, receipt: kept }
}

/** A router over a catalog and a ledger. */
export function openRouter(options: RouterOptions): Router {
  return new Router(options)
}
