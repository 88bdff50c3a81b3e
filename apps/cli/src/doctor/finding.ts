/** How a check of `vm doctor` ended. */
export interface Finding {
  readonly name: string
  /** `fail`: something that `vm` needs is missing or unsafe. `warn`: something works less well. */
  readonly status: 'ok' | 'warn' | 'fail'
  /** What was found: one sentence without a full stop. */
  readonly detail: string
  /** The command that mends it, where there is one. */
  readonly mend?: string
}
