/** What a run leaves behind: the raw JSON beside the page. */

/** Whose work a variant is: ours, another's, or the least that the job can cost. */
export type Role = 'ours' | 'peer' | 'floor'

/** One thing that was measured. Times are in milliseconds of one operation. */
export interface VariantResult {
  readonly name: string
  readonly role: Role
  /** A function of the measuring process, a whole process, or something that timed itself. */
  readonly kind: 'call' | 'process' | 'timed'
  /** What a reader must know of it: which API, which settings, what it does not do. */
  readonly note?: string
  /** In the order of the rounds. */
  readonly samples: readonly number[]
  readonly perRound: number
  /** How many operations a sample is the mean of. */
  readonly callsPerSample: number
  /** The most memory that its process held, in MiB; `base` is what it held before the work. */
  readonly memory?: { readonly peak: number; readonly base?: number }
  /** The processor time of the process, median in milliseconds; whole-process variants only. */
  readonly cpu?: number
}

/** Something that was not measured, and why. */
export interface Absence {
  readonly name: string
  readonly why: string
  /** It is this machine that lacks something: another one could measure it. */
  readonly missing?: true
}

/** One case: variants that did the same work in the same run. */
export interface CaseResult {
  readonly id: string
  readonly title: string
  /** The input and the job, in words. */
  readonly input: string
  /** How many things one operation handles, where that says more than a time. */
  readonly items?: { readonly count: number; readonly name: string }
  /** The variant that the others are compared with; absent where they do different jobs. */
  readonly subject?: string
  readonly variants: readonly VariantResult[]
  readonly absent: readonly Absence[]
  readonly notes: readonly string[]
  /** Other figures of the case, such as a share of time. */
  readonly figures: readonly { readonly name: string; readonly value: string }[]
  /** The load of the machine over one minute, before and after. */
  readonly load: readonly [number, number]
  readonly seconds: number
}

/** What the figures were measured on. */
export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  readonly system: string
  /** The file system that logs and spawned services were written to. */
  readonly fileSystem: string
  /** Program or package, and its version. */
  readonly versions: Readonly<Record<string, string>>
}

/** One area's cases, as they stand in `docs/benchmarks/<area>.json`. */
export interface AreaResult {
  readonly area: string
  readonly command: string
  /** When it was measured, RFC 3339. */
  readonly measuredAt: string
  /** The commit that was measured, with `+` where files had been changed since. */
  readonly commit: string
  readonly machine: Machine
  readonly cases: readonly CaseResult[]
  /** Cases that could not run, and why. */
  readonly absent: readonly Absence[]
}
