/** Gathers the cosignatures that a policy asks for. */
import { type Checkpoint, parseCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { cosignatureVerifier } from '@vaultmesh/merkle/cosignature'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { formatNote, type NoteSignature, parseNote } from '@vaultmesh/merkle/note'
import { evaluateCheckpoint, type TlogPolicy } from '@vaultmesh/merkle/policy'
import type { Cosign } from '../cosign.ts'
import { describeError, TlogError } from '../errors.ts'
import { parsePrefix } from '../http.ts'
import type { TileReader } from '../storage.ts'
import { openTiles, treeError } from '../tree-source.ts'
import {
  askWitness,
  type CosignRequest,
  type Prove,
  type WitnessAnswer,
  type WitnessEndpoint,
} from './ask.ts'

/** What {@link witnessCosigner} needs. */
export interface WitnessOptions {
  /** Whom to ask, at which URLs, and how many of them must have answered. */
  readonly policy: TlogPolicy
  /** The log's own tiles, for the proofs that a witness asks for. They are verified. */
  readonly tiles: TileReader
  /** How long to wait for a quorum, in milliseconds: 10,000 by default. */
  readonly timeoutMs?: number
  /** How long to wait for the other witnesses once there is a quorum: 500 ms by default. */
  readonly graceMs?: number
  /** Take http also for witnesses that are not on this machine. */
  readonly allowHttp?: boolean
  /** Ends every wait: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal
  /** Told how each round went, also one without a quorum. What it throws is ignored. */
  readonly onRound?: (round: WitnessRound) => void
}

/** A witness that did not cosign. */
export interface WitnessFailure {
  /** Its name in the policy. */
  readonly name: string
  readonly reason: string
}

/** How the witnesses answered. */
export interface WitnessRound {
  /** The number of entries of the checkpoint. */
  readonly size: bigint
  /** The policy's names of the witnesses whose cosignatures it has. */
  readonly cosigners: readonly string[]
  /** The others, and why. */
  readonly failures: readonly WitnessFailure[]
  /** Whether they are enough for the policy. */
  readonly hasQuorum: boolean
}

const defaultTimeoutMs = 10_000
const defaultGraceMs = 500

function endpointsOf({ policy, allowHttp = false }: WitnessOptions): {
  readonly endpoints: readonly WitnessEndpoint[]
  readonly silent: readonly WitnessFailure[]
} {
  const endpoints: WitnessEndpoint[] = []
  const silent: WitnessFailure[] = []
  for (const { name, vkey, url } of policy.witnesses) {
    if (url === undefined) {
      silent.push({ name, reason: 'the policy has no URL for it' })
      continue
    }
    const verifier = cosignatureVerifier(vkey, nodeVerifyEd25519)
    endpoints.push({ name, verifier, prefix: parsePrefix(url, `the witness ${name}`, allowHttp) })
  }
  return { endpoints, silent }
}

/** A checkpoint that gathers cosignatures. */
class Round {
  readonly head: Checkpoint
  readonly ahead: { readonly name: string; readonly size: bigint }[] = []
  readonly conflicts: WitnessFailure[] = []
  readonly #failures: WitnessFailure[]
  readonly #policy: TlogPolicy
  readonly #text: string
  readonly #signatures: NoteSignature[]

  constructor(policy: TlogPolicy, checkpoint: string, silent: readonly WitnessFailure[]) {
    const note = parseNote(checkpoint)
    if (!note.ok) throw new TlogError('LOG_CHECKPOINT_INVALID', note.detail)
    const parsed = parseCheckpoint(note.note.text)
    if (!parsed.ok) throw new TlogError('LOG_CHECKPOINT_INVALID', parsed.detail)
    this.head = parsed.checkpoint
    this.#policy = policy
    this.#text = note.note.text
    this.#signatures = [...note.note.signatures]
    this.#failures = [...silent]
  }

  take(name: string, answer: WitnessAnswer): void {
    if (answer.kind === 'cosigned') this.#add(answer.signatures)
    else if (answer.kind !== 'ahead') {
      const failure = { name, reason: answer.reason }
      this.#failures.push(failure)
      if (answer.kind === 'conflict') this.conflicts.push(failure)
    } else {
      this.ahead.push({ name, size: answer.size })
      this.#failures.push({ name, reason: `it has cosigned ${answer.size} entries` })
    }
  }

  /** The checkpoint with all cosignatures, verbatim otherwise. */
  checkpoint(): string {
    return formatNote({ text: this.#text, signatures: this.#signatures })
  }

  async result(): Promise<WitnessRound> {
    // That the log signed it was seen before; here only the cosignatures count.
    const verdict = await evaluateCheckpoint(this.checkpoint(), this.#policy, nodeVerifyEd25519)
    const { cosigners, witnessed } = verdict
    const failures = [...this.#failures]
    return { size: this.head.size, cosigners, failures, hasQuorum: witnessed !== false }
  }

  /** A checkpoint that is asked about again may have some of them already: the newer ones stay. */
  #add(signatures: readonly NoteSignature[]): void {
    for (const signature of signatures) {
      const { name, keyId } = signature
      const at = this.#signatures.findIndex((old) => old.name === name && old.keyId === keyId)
      if (at === -1) this.#signatures.push(signature)
      else this.#signatures[at] = signature
    }
  }
}

function requireNobodyAhead({ ahead: [first], head }: Round): void {
  if (first === undefined) return
  throw new TlogError(
    'LOG_STATE_BEHIND',
    `the witness ${first.name} says that it cosigned ${first.size} entries of this log, which has ${head.size} here: an older tree and state were restored, or the log is written elsewhere; bring the newer ones back, from a mirror or the other writer`,
  )
}

/** A quorum in spite of it outvotes a witness that lies. */
function requireNoConflict({ conflicts: [first], head }: Round, { hasQuorum }: WitnessRound): void {
  if (first === undefined || hasQuorum) return
  throw new TlogError(
    'LOG_FORKED',
    `the witness ${first.name} says that what it cosigned does not lead to the ${head.size} entries of this log (${first.reason}): two histories may have been signed, after an older tree and state were restored, or by another writer; compare both before anything more is signed, and take the witness out of the policy if it is wrong`,
  )
}

function requireQuorum({ hasQuorum, failures }: WitnessRound): void {
  if (hasQuorum) return
  const reasons = failures.map(({ name, reason }) => `${name}: ${reason}`).join('; ')
  throw new TlogError(
    'LOG_NOT_WITNESSED',
    `the checkpoint has not the cosignatures that the policy asks for (${reasons})`,
  )
}

/** Makes the consistency proofs up to a head, out of its tiles, which are verified on the way. */
function proverOf(head: Checkpoint, reader: TileReader): Prove {
  let opening: ReturnType<typeof openTiles> | undefined
  return async (from) => {
    opening ??= openTiles(head, reader)
    const proof = await (await opening).consistency(from)
    if (proof.ok) return proof.hashes
    throw treeError(proof)
  }
}

/**
 * A gate for checkpoints that asks the witnesses of a policy over HTTP, all at once. It remembers
 * what each has cosigned last, so use one for all checkpoints of a log.
 *
 * Given a checkpoint that was published before, it tells whether witnesses know a larger one: ask
 * it that before anything new is signed.
 *
 * Throws LOG_OPTIONS for a URL that is not to be used. The gate rejects with LOG_NOT_WITNESSED,
 * naming each witness that failed and why, where there is no quorum; with LOG_STATE_BEHIND where a
 * witness says that it cosigned a larger tree of this log; with LOG_FORKED where there is no quorum
 * and a witness says that it cosigned another tree; and with the signal's reason.
 */
export function witnessCosigner(options: WitnessOptions): Cosign {
  const { policy, tiles, timeoutMs = defaultTimeoutMs, graceMs = defaultGraceMs } = options
  const { endpoints, silent } = endpointsOf(options)
  const sizes = new Map<string, bigint>()

  async function ask(
    endpoint: WitnessEndpoint,
    request: CosignRequest,
    signal: AbortSignal,
  ): Promise<WitnessAnswer> {
    // Where nothing is known, that it has this very checkpoint is as good a guess as any, and right
    // when a log is opened again.
    const known = sizes.get(endpoint.name) ?? request.size
    try {
      const answer = await askWitness(endpoint, request, known, signal)
      if (answer.kind === 'cosigned') sizes.set(endpoint.name, request.size)
      return answer
    } catch (error) {
      sizes.delete(endpoint.name)
      const reason = signal.aborted ? 'it did not answer in time' : describeError(error)
      return { kind: 'refused', reason }
    }
  }

  /** Asks all; ends at the deadline, or a little after there is a quorum. */
  async function askAll(round: Round, request: CosignRequest): Promise<void> {
    const enough = new AbortController()
    const ends = options.signal === undefined ? [enough.signal] : [enough.signal, options.signal]
    const signal = AbortSignal.any(ends)
    let timer = setTimeout(() => enough.abort(), timeoutMs)
    let isEnding = false
    try {
      await Promise.all(
        endpoints.map(async (endpoint) => {
          round.take(endpoint.name, await ask(endpoint, request, signal))
          if (isEnding || !(await round.result()).hasQuorum) return
          isEnding = true
          clearTimeout(timer)
          timer = setTimeout(() => enough.abort(), graceMs)
        }),
      )
    } finally {
      clearTimeout(timer)
    }
  }

  return async (checkpoint) => {
    options.signal?.throwIfAborted()
    const round = new Round(policy, checkpoint, silent)
    const { size } = round.head
    await askAll(round, { checkpoint, size, prove: proverOf(round.head, tiles) })
    options.signal?.throwIfAborted()
    const result = await round.result()
    try {
      options.onRound?.(result)
    } catch {
      // A report that fails says nothing about the log.
    }
    requireNobodyAhead(round)
    requireNoConflict(round, result)
    requireQuorum(result)
    return round.checkpoint()
  }
}
