/** What the steps of the demo are, and what they share. */
import type { Json } from '../command.ts'
import { VmError } from '../errors.ts'
import { textAt } from './answers.ts'
import type { Isolation } from './offline.ts'
import type { Party, Scene } from './scene.ts'
import type { StepId } from './step-ids.ts'
import { runVm, whileServing } from './vm-process.ts'

/** What a step leaves for those that need it. */
export interface Facts {
  /** The namespace of the workspace's log. */
  namespace?: string
  /** The id of the decision that is in force. */
  decision?: string
  /** How the verifier is kept off the network. */
  isolation?: Isolation
}

/** What the steps share. */
export interface Play {
  readonly scene: Scene
  readonly signal: AbortSignal
  /** What a child that works for long says meanwhile. */
  readonly onTalk: (line: string) => void
  readonly facts: Facts
}

/** What a step found, a line each; or why it can't be taken on this machine. */
export type Found = readonly string[] | { readonly skipped: string }

/** One step: what it is, what must have been before, and what it does. */
export interface Step {
  readonly title: string
  readonly needs: readonly StepId[]
  readonly run: (play: Play) => Promise<Found>
}

/** A fact that an earlier step has left. @throws {VmError} `VM_BUG` when it has not. */
export function known<Name extends keyof Facts>(
  { facts }: Play,
  name: Name,
): NonNullable<Facts[Name]> {
  const fact = facts[name]
  if (fact !== undefined) return fact
  throw new VmError('VM_BUG', `no step of the demo has left the ${name}`)
}

/** Runs `vm` in the workspace of one of the parties, and gives the document that it prints. */
export function vmOf(
  { signal }: Play,
  party: Party,
  words: readonly string[],
  options: { readonly expected?: number; readonly onTalk?: (line: string) => void } = {},
): Promise<Json> {
  return runVm(words, { cwd: party.workspace, env: party.env, signal, ...options })
}

/** The same in the workspace of the demo itself. */
export function vm(play: Play, ...words: readonly string[]): Promise<Json> {
  return vmOf(play, play.scene.first, words)
}

/**
 * Works while a `vm` serves in the workspace of one of the parties.
 *
 * @param work gets the URL
 */
export function whileServingOf<T>(
  { signal }: Play,
  party: Party,
  words: readonly string[],
  work: (url: string) => Promise<T>,
): Promise<T> {
  return whileServing(words, { cwd: party.workspace, env: party.env, signal }, work)
}

/** A step or a check, as both `vm spawn verify` and `vm verify` report it, in one line. */
export function checkLine(check: Json): string {
  const status = textAt(check, 'status').padEnd(9)
  const [detail = ''] = textAt(check, 'detail').split('\n', 1)
  return `${status} ${textAt(check, 'id').padEnd(18)} ${detail}`
}
