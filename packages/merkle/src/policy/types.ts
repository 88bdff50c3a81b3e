/** A policy, as data. */

/** A log whose checkpoints are accepted. */
export interface PolicyLog {
  /** Of type 1; its name is the log's origin. */
  readonly vkey: string
  readonly url?: string
}

/** A witness whose cosignatures count. */
export interface PolicyWitness {
  /** The name within the policy. */
  readonly name: string
  /** Of type 4. */
  readonly vkey: string
  readonly url?: string
}

/** A group, which has witnessed a checkpoint where at least `threshold` of its members have. */
export interface PolicyGroup {
  readonly name: string
  /** 1 to the number of members. */
  readonly threshold: number
  /** Names of witnesses and of groups defined before this one. */
  readonly members: readonly string[]
}

/** A policy, read. */
export interface TlogPolicy {
  readonly logs: readonly PolicyLog[]
  readonly witnesses: readonly PolicyWitness[]
  /** In the order of the file, so that members stand before the groups that name them. */
  readonly groups: readonly PolicyGroup[]
  /** The witness or group that must have witnessed a checkpoint, or {@link noQuorum}. */
  readonly quorum: string
}

/** Why a file is not a policy. */
export interface PolicyFailure {
  readonly ok: false
  readonly code:
    | 'MALFORMED'
    | 'UNUSABLE_KEY'
    | 'DUPLICATE_KEY'
    | 'DUPLICATE_NAME'
    | 'UNKNOWN_NAME'
    | 'QUORUM'
  /** For people, with the number of the line. */
  readonly detail: string
}

/** The quorum of a policy that asks for no cosignature. */
export const noQuorum = 'none'
