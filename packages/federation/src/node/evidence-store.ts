/** Fork proofs on disk, verified before they are kept, so many of each log and no more. */
import { createHash } from 'node:crypto'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { evidenceOf } from '../evidence/join.ts'
import { encodeForkProof } from '../fork-proof/encode.ts'
import { maxForkProofBytes, type ProvenFork } from '../fork-proof/types.ts'
import { type TrustOf, verifyForkProof } from '../fork-proof/verify.ts'
import { compareText, standingOf } from '../head.ts'
import { proofFile, proofIdsIn } from './evidence-files.ts'
import { getFile, putFile, removeFile } from './files.ts'

/** A fork proof that is kept. */
export interface KeptProof {
  /** The SHA-256 of the file, in lower-case hex. */
  readonly id: string
  readonly fork: ProvenFork
}

/** What became of a fork proof that somebody gave. */
export type ProofReceipt =
  | { readonly status: 'kept' | 'known'; readonly id: string; readonly origin: string }
  /** It verified. There are as many of this log as are kept, and each of them says more. */
  | { readonly status: 'surplus'; readonly id: string; readonly origin: string }
  | {
      readonly status: 'refused'
      /** UNKNOWN_LOG: no key of the log is trusted here. INVALID: it proves nothing. */
      readonly code: 'INVALID' | 'TOO_LARGE' | 'UNKNOWN_LOG'
      readonly detail: string
    }

/** Verified fork proofs in a folder. */
export interface EvidenceStore {
  /**
   * Keeps a fork proof, durably, if it verifies and says more than what is kept of that fork: with the
   * signatures that were verified, and no others. There is one file of one fork, with all that is
   * known of it; the receipt names that one. Rejects with FEDERATION_IO or FEDERATION_NO_SPACE, and
   * never because of what the bytes are.
   */
  add(bytes: Uint8Array): Promise<ProofReceipt>
  /** The bytes of a proof that is kept; undefined where it is not. */
  read(id: string): Promise<Uint8Array | undefined>
  /** The proofs of a log, or of all, sorted by id. Files that are no proofs are left out. */
  list(origin?: string): Promise<readonly KeptProof[]>
}

/** Where evidence is, and whose keys it is verified with. */
export interface EvidenceStoreOptions {
  readonly directory: string
  /** The policy of each log that is known here. */
  readonly trustOf: TrustOf
}

/**
 * So many proofs are kept of one log: only its key can make them, and whoever has it could make any
 * number. One is enough to prove that it forked, and the most telling ones decide what is trusted.
 */
const maxProofsOfLog = 32

/** The SHA-256 of a proof's bytes, in hex. */
function proofId(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/**
 * The smallest size at which a proof shows two roots. Whoever leaves the divergence out only makes it
 * larger.
 */
function differAt({ heads, divergence }: ProvenFork): bigint {
  return divergence === undefined ? heads[0].size : divergence.size + 1n
}

class FolderEvidence implements EvidenceStore {
  readonly #directory: string
  readonly #trustOf: TrustOf
  /** What each file was found to be; undefined for no proof. A file's name is of its bytes. */
  readonly #verified = new Map<string, KeptProof | undefined>()
  #last: Promise<unknown> = Promise.resolve()

  constructor({ directory, trustOf }: EvidenceStoreOptions) {
    this.#directory = directory
    this.#trustOf = trustOf
  }

  add(bytes: Uint8Array): Promise<ProofReceipt> {
    // One after the other, so that the bound holds.
    const added = this.#last.then(() => this.#add(Uint8Array.from(bytes)))
    this.#last = added.catch(() => undefined)
    return added
  }

  async #add(bytes: Uint8Array): Promise<ProofReceipt> {
    if (bytes.length > maxForkProofBytes) {
      const detail = `a fork proof has at most ${maxForkProofBytes} bytes`
      return { status: 'refused', code: 'TOO_LARGE', detail }
    }
    const { fork, checks } = await this.#verify(bytes)
    if (fork === undefined) {
      const failed = checks.find(({ status }) => status === 'fail' || status === 'untrusted')
      const code = failed?.status === 'untrusted' ? 'UNKNOWN_LOG' : 'INVALID'
      return { status: 'refused', code, detail: failed?.detail ?? 'it is no fork proof' }
    }
    const { origin } = fork
    const kept = await this.list(origin)
    const same = kept.filter((proof) => proof.fork.id === fork.id)
    const forks = [...same.map((proof) => proof.fork), fork]
    const [joined = fork] = evidenceOf(origin, { forks }).forks
    // Without the lines that nobody here can verify. Whoever has a proof, and no key, can add some and
    // leave out others: any number of proofs, or one that those refuse whose keys it is bad for.
    const proof = encodeForkProof(joined)
    const id = proofId(proof)
    // One that came with git may have lines that others can verify: it says as much as it did.
    const known = same.find((other) => proofId(encodeForkProof(other.fork)) === id)
    if (known !== undefined) return { status: 'known', id: known.id, origin }
    const added = { id, fork: joined }
    const others = kept.filter((other) => !same.includes(other))
    const ranked = [...others, added].toSorted((x, y) => this.#compare(x, y))
    const surplus = ranked.slice(maxProofsOfLog)
    if (surplus.includes(added)) return { status: 'surplus', id, origin }
    await putFile(proofFile(this.#directory, id), proof)
    this.#verified.set(id, added)
    for (const old of [...same, ...surplus]) {
      await removeFile(proofFile(this.#directory, old.id))
      this.#verified.delete(old.id)
    }
    return { status: 'kept', id, origin }
  }

  async read(id: string): Promise<Uint8Array | undefined> {
    const bytes = await getFile(proofFile(this.#directory, id), maxForkProofBytes)
    return bytes !== undefined && proofId(bytes) === id ? bytes : undefined
  }

  async list(origin?: string): Promise<readonly KeptProof[]> {
    const found: KeptProof[] = []
    for (const id of await proofIdsIn(this.#directory)) {
      const proof = await this.#load(id)
      if (proof !== undefined && (origin ?? proof.fork.origin) === proof.fork.origin) {
        found.push(proof)
      }
    }
    return found
  }

  /** The folder may have come with git: what is in it was verified by nobody here. */
  async #load(id: string): Promise<KeptProof | undefined> {
    if (this.#verified.has(id)) return this.#verified.get(id)
    const bytes = await this.read(id).catch(() => undefined)
    // A file that is still being written, or that somebody damaged, may be right the next time.
    if (bytes === undefined) return undefined
    const { fork } = await this.#verify(bytes)
    const proof = fork && { id, fork }
    this.#verified.set(id, proof)
    return proof
  }

  #verify(bytes: Uint8Array) {
    return verifyForkProof(bytes, this.#trustOf, { verify: nodeVerifyEd25519 })
  }

  /** The most telling first: the same order on every node that has the same policy. */
  #compare(a: KeptProof, b: KeptProof): number {
    const difference = this.#weight(a.fork) - this.#weight(b.fork)
    if (difference !== 0) return difference
    const [sizeA, sizeB] = [differAt(a.fork), differAt(b.fork)]
    if (sizeA !== sizeB) return sizeA < sizeB ? -1 : 1
    return compareText(a.fork.id, b.fork.id)
  }

  /** 0 where both heads count under the policy of the log, so that what is trusted depends on it. */
  #weight({ origin, heads }: ProvenFork): number {
    const policy = this.#trustOf(origin)
    const counts = heads.every((head) => policy && standingOf(head, policy).witnessed !== false)
    return counts ? 0 : 1
  }
}

/** The evidence in a folder, which need not be there yet. */
export function openEvidenceStore(options: EvidenceStoreOptions): EvidenceStore {
  return new FolderEvidence(options)
}
