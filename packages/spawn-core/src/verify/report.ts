/** What a verification says, step by step. */

/**
 * `pass`: it holds. `warn`: it does not hold, and that is allowed. `fail`: it does not hold.
 * `untrusted`: nobody whom the caller trusts vouches for it. `skipped`: it was not looked at.
 */
export type StepStatus = 'fail' | 'pass' | 'skipped' | 'untrusted' | 'warn'

/** One thing that was looked at. */
export interface VerifyStep {
  /** Such as `files.digest` or `command.2`; the README lists them. */
  readonly id: string
  readonly status: StepStatus
  /** How long it took, in milliseconds. */
  readonly ms: number
  /** For people: what was found. May have several lines. */
  readonly detail: string
}

/** How the files differ from the manifest. Paths are sorted. */
export interface Differences {
  readonly changed: readonly string[]
  readonly missing: readonly string[]
  /** Not in the manifest, and not ignored by the service's `.gitignore`. */
  readonly added: readonly string[]
}

/** How far a verification goes. */
export type VerifyTier = 'static' | 'test'

/** The outcome of a verification. */
export interface VerifyReport {
  /** Whether no step is `fail` or `untrusted`, and every step of the tier was reached. */
  readonly ok: boolean
  readonly tier: VerifyTier
  readonly steps: readonly VerifyStep[]
  readonly differences: Differences
}

/** What a step found. */
export interface Finding {
  readonly status: StepStatus
  readonly detail: string
}

/** Told about steps as they happen. */
export interface StepObserver {
  readonly onStart?: ((step: { readonly id: string; readonly detail: string }) => void) | undefined
  readonly onStep?: ((step: VerifyStep) => void) | undefined
}

/** Runs steps one after another, times them, and keeps what they found. */
export class StepRunner {
  readonly steps: VerifyStep[] = []
  readonly #observer: StepObserver

  /** `observer` is told about each step. */
  constructor(observer: StepObserver) {
    this.#observer = observer
  }

  /** Whether no step so far is `fail` or `untrusted`. */
  get ok(): boolean {
    return this.steps.every(({ status }) => status !== 'fail' && status !== 'untrusted')
  }

  /** Runs one step. `detail` says what it will do. A `SpawnError` passes through: it ends the run. */
  async run(id: string, detail: string, body: () => Promise<Finding> | Finding): Promise<Finding> {
    this.#observer.onStart?.({ id, detail })
    const start = performance.now()
    const finding = await body()
    const ms = Math.round(performance.now() - start)
    const step: VerifyStep = { id, status: finding.status, ms, detail: finding.detail }
    this.steps.push(step)
    this.#observer.onStep?.(step)
    return finding
  }

  /** Notes a step that is not looked at, and why. */
  skip(id: string, detail: string): void {
    const step: VerifyStep = { id, status: 'skipped', ms: 0, detail }
    this.steps.push(step)
    this.#observer.onStep?.(step)
  }
}

/** The finding of a step that holds. */
export function pass(detail: string): Finding {
  return { status: 'pass', detail }
}

/** The finding of a step that does not hold. */
export function fail(detail: string): Finding {
  return { status: 'fail', detail }
}

/** The first ten of a list, in one line. */
export function few(items: readonly string[]): string {
  const shown = items.slice(0, 10).join(', ')
  return items.length > 10 ? `${shown} and ${items.length - 10} more` : shown
}
