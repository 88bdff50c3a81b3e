/** How a benchmark is written down. */
import type { Absence, Role } from './result.ts'

/** How much is done: just enough to see that it works, the usual, or everything. */
export type Scale = 'smoke' | 'normal' | 'full'

/** What a case is given. */
export interface CaseContext {
  readonly scale: Scale
  /** An empty folder on the disk that is measured; removed afterwards. */
  readonly directory: string
  /** The path of a program, or undefined where the machine has none. */
  readonly program: (name: string) => string | undefined
}

interface VariantBase {
  readonly name: string
  readonly role: Role
  readonly note?: string
  /** What only this variant needs: run once, not timed. */
  readonly setup?: () => Promise<void> | void
  /** Run before every sample, not timed. */
  readonly before?: () => Promise<void> | void
}

/** A function of this process. `run` gives a word on its result, equal for all that do the job. */
export interface CallVariant extends VariantBase {
  readonly kind: 'call'
  /** Does the job once. */
  readonly run: () => unknown
  /** Says what came out, in a form that all variants of the case share. */
  readonly result: (value: unknown) => string
  /** Each sample is one call: its costs differ from call to call, or it changes what it works on. */
  readonly single?: boolean
}

/** A program that is started, does the job and ends with 0. */
export interface ProcessVariant extends VariantBase {
  readonly kind: 'process'
  readonly command: readonly [string, ...string[]]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Says what came out, from what the program wrote to both of its outputs and left behind. */
  readonly result: (output: string) => string
}

/** Something that times itself: a peer in another language, latencies of many callers at once. */
export interface TimedVariant extends VariantBase {
  readonly kind: 'timed'
  /** The milliseconds of each of its operations, always as many, and a word on the result. */
  readonly run: () => Promise<Timed>
  /** The operation is a process of its own, which is measured as a whole but for its start. */
  readonly process?: boolean
}

/** What a {@link TimedVariant} says of one round. */
export interface Timed {
  readonly samples: readonly number[]
  readonly result: string
  /** The most memory of the process that did it, in MiB, where that is another one. */
  readonly memory?: { readonly peak: number; readonly base?: number }
}

/** One of the ways to do a case's job. */
export type Variant = CallVariant | ProcessVariant | TimedVariant

/** A case that is ready to run. */
export interface Prepared {
  /** The input and the job, in words. */
  readonly input: string
  readonly items?: { readonly count: number; readonly name: string }
  readonly variants: readonly Variant[]
  /** The variant that the others are compared with: the first by default, null for none. */
  readonly subject?: string | null
  readonly absent?: readonly Absence[]
  readonly notes?: readonly string[]
  /** Fewer rounds than usual, where `notes` says why; never more. */
  readonly rounds?: number
  /**
   * Each function runs in a process of its own, which prepares the case again: what one leaves in
   * memory can't slow another. Only where `prepare` gives the same input every time.
   */
  readonly isIsolated?: true
  /** Figures that need the timings: called when they are there. */
  readonly figures?: (
    medians: ReadonlyMap<string, number>,
  ) => Promise<readonly { readonly name: string; readonly value: string }[]>
  readonly dispose?: () => Promise<void> | void
}

/** One benchmark. */
export interface BenchCase {
  readonly title: string
  /** Throws {@link Unavailable} where the machine lacks what it can't do without. */
  prepare(context: CaseContext): Promise<Prepared>
}

/** Says that a case can't run here; the page shows the reason. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}
