/** The failures of the command line itself, and what each failure means for the exit code. */
import type { Failure } from './command.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { libraries } from './library-errors.ts'

/** What docs/errors.md says about a code. */
interface Entry {
  readonly exitCode: ExitCode
  /** When it happens: one sentence. */
  readonly when: string
  /** What to do, where the failure itself doesn't say. */
  readonly hint?: string
}

/** Every code that `vm` itself gives. */
export const catalogue = {
  VM_USAGE: {
    exitCode: exitCodes.usage,
    when: 'A command was called in a way that it does not allow: an unknown command or option, a missing or malformed argument.',
    hint: 'run `vm help` to see every command',
  },
  VM_NODE_TOO_OLD: {
    exitCode: exitCodes.usage,
    when: 'The Node that runs `vm` is older than 22.16, or it is 23.',
    hint: 'install a current Node from https://nodejs.org/',
  },
  VM_FAILED: {
    exitCode: exitCodes.failure,
    when: 'A command could not do its work, for a reason that the message gives.',
  },
  VM_SYSTEM: {
    exitCode: exitCodes.failure,
    when: 'The operating system refused to read, write or run something; the message names it.',
    hint: 'check that the path exists, that you may write there, and that the disk is not full',
  },
  VM_EXISTS: {
    exitCode: exitCodes.conflict,
    when: 'A file that the command would write is there already, and what it holds might be needed.',
    hint: 'name another file',
  },
  VM_BUG: {
    exitCode: exitCodes.failure,
    when: 'Something happened that `vm` has no words for.',
    hint: 'this is a bug: run it again with VM_DEBUG=1 and report what it prints',
  },
  VM_INTERRUPTED: {
    exitCode: exitCodes.interrupted,
    when: 'Ctrl-C, SIGTERM or SIGHUP stopped the command. What it had begun is undone, but for what is in a log by then.',
  },
  VM_NOT_VERIFIED: {
    exitCode: exitCodes.verificationFailed,
    when: 'A check failed: the evidence is there, and it is wrong.',
    hint: 'do not rely on this file; ask for it again from whoever made it',
  },
  VM_FORKED: {
    exitCode: exitCodes.verificationFailed,
    when: 'The key of a log signed two histories. The proof is kept in `.vaultmesh/evidence`, and `vm federation status` says how much of the log is still trusted.',
  },
  VM_EVIDENCE_MISSING: {
    exitCode: exitCodes.evidenceMissing,
    when: 'The policy asks for evidence that is not there.',
    hint: 'ask for the missing evidence, or decide whether the policy asks too much',
  },
  VM_NOT_TRUSTED: {
    exitCode: exitCodes.notTrusted,
    when: 'The evidence may be right, but the policy does not trust or allow who made it.',
    hint: 'check that this is the right policy file',
  },
  VM_NOT_ALLOWED: {
    exitCode: exitCodes.notTrusted,
    when: 'What was asked for would be unsafe, so it is not done.',
  },
  VM_PREFLIGHT: {
    exitCode: exitCodes.preflight,
    when: 'Something that the work needs is not there, and nothing was begun.',
    hint: 'run `vm doctor` to see what is missing and how to mend it',
  },
  VM_NO_WORKSPACE: {
    exitCode: exitCodes.preflight,
    when: 'The command needs a workspace, and there is none in the folder or above it.',
    hint: 'run `vm init` here, or name the folder with --cwd DIR',
  },
  VM_NO_OFFER: {
    exitCode: exitCodes.failure,
    when: 'No offer of the catalog will do for what was asked; the message counts the reasons.',
  },
  VM_PASSPHRASE: {
    exitCode: exitCodes.usage,
    when: 'A passphrase is needed, and nobody can be asked for it.',
    hint: 'name a file that holds it with --passphrase-file FILE or VM_PASSPHRASE_FILE',
  },
} as const satisfies Readonly<Record<string, Entry>>

/** A code of `vm` itself. */
export type VmCode = keyof typeof catalogue

/** A failure that has a code, words for people, and a hint. */
export class VmError extends Error {
  override readonly name = 'VmError'
  readonly code: VmCode
  readonly hint: string | undefined

  constructor(code: VmCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.code = code
    const entry: Entry = catalogue[code]
    this.hint = options.hint ?? entry.hint
  }
}

/** What is said about anything that was thrown. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof VmError) {
    return { code: thrown.code, message: thrown.message, hint: thrown.hint }
  }
  const { name, code, message } = described(thrown)
  const entry = libraries[name]?.entries[code]
  if (entry !== undefined) return { code, ...inTwo(message, entry.hint) }
  if (name === 'AbortError' || code === 'ABORT_ERR') {
    return { code: 'VM_INTERRUPTED', message: 'interrupted' }
  }
  const known: VmCode = /^E[A-Z0-9]+$/.test(code) ? 'VM_SYSTEM' : 'VM_BUG'
  return { code: known, message, hint: addressHints[code] ?? catalogue[known].hint }
}

/** What to do where an address can't be listened at: no path is wrong, and no disk. */
const addressHints: Readonly<Record<string, string>> = {
  EADDRINUSE: 'give another --port, or end what listens there',
  EADDRNOTAVAIL: 'give a --host that is an address of this machine',
}

/** What a log rejects with although the entry may be in it, or is. */
const loggedAnyway: ReadonlySet<string> = new Set(['LOG_FAILED', 'LOG_NOT_WITNESSED'])

/** What is said where `reason` stopped the command, which then threw `thrown`. */
export function interruptionOf(reason: unknown, thrown: unknown): Failure {
  const failure = failureOf(reason)
  const { code, hint } = failureOf(thrown)
  return loggedAnyway.has(code) ? { ...failure, hint } : failure
}

/** The libraries say in one text what is wrong, and then what to do. */
function inTwo(message: string, hint: string | undefined): Omit<Failure, 'code'> {
  const end = message.search(/\. (?=\p{Lu})/u)
  return end === -1 || hint !== undefined
    ? { message: message.replace(/\.$/, ''), hint }
    : { message: message.slice(0, end), hint: message.slice(end + 2).replace(/\.$/, '') }
}

/** The exit code of a failure by its code, of `vm` or of a library. */
export function exitCodeOf(code: string): ExitCode {
  if (isVmCode(code)) return catalogue[code].exitCode
  for (const { entries } of Object.values(libraries)) {
    const entry = entries[code]
    if (entry !== undefined) return entry.exitCode
  }
  return exitCodes.failure
}

function isVmCode(code: string): code is VmCode {
  return Object.hasOwn(catalogue, code)
}

function described(thrown: unknown): { name: string; code: string; message: string } {
  if (!(thrown instanceof Error)) return { name: '', code: '', message: String(thrown) }
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : ''
  return { name: thrown.name, code, message: thrown.message }
}
