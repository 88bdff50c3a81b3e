/** What the exit code of `vm` says. */
export const exitCodes = {
  done: 0,
  failure: 1,
  usage: 2,
  verificationFailed: 3,
  evidenceMissing: 4,
  conflict: 5,
  preflight: 6,
  notTrusted: 7,
  interrupted: 130,
} as const

/** One of the exit codes of `vm`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]
