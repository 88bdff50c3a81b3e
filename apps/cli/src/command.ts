/** What a command declares about itself. Help, parsing and documentation are all made from it. */
import type { Line } from './text.ts'

/** The headings under which `vm --help` lists commands, in order. */
export const groups = [
  'Start',
  'Spawn',
  'Remember',
  'Prove',
  'Federate',
  'Route',
  'Serve',
  'Look after',
] as const

/** The heading under which a command stands. */
export type Group = (typeof groups)[number]

/** What every argument declares. */
interface ArgumentBase {
  /** One sentence without a full stop. */
  readonly about: string
  /** The word that stands for the value in help, in capitals. */
  readonly value?: string
  /** True for an argument without a name, taken by its place. */
  readonly positional?: boolean
  /** True where the command can't run without it. */
  readonly required?: boolean
}

type ArgumentOf<T extends string> = ArgumentBase & { readonly type: T }

/** One of some words. */
type ChoiceArgument = ArgumentOf<'choice'> & {
  readonly choices: readonly string[]
  /** The word that is meant where none is given. */
  readonly otherwise?: string
}

/** An option or a positional argument: a switch, one text, several texts, a count, or one of some words. */
export type Argument =
  | ArgumentOf<'flag'>
  | ArgumentOf<'text'>
  | ArgumentOf<'list'>
  | ArgumentOf<'count'>
  | ChoiceArgument

/** The arguments of a command by name, positional ones in their order. */
export type Arguments = Readonly<Record<string, Argument>>

type Present<A extends Argument, V> = A extends
  | { readonly required: true }
  | { readonly otherwise: string }
  ? V
  : V | undefined

type Value<A extends Argument> = A extends { readonly type: 'flag' }
  ? boolean
  : A extends { readonly type: 'list' }
    ? readonly string[]
    : A extends { readonly type: 'count' }
      ? Present<A, bigint>
      : A extends { readonly type: 'choice'; readonly choices: readonly (infer C)[] }
        ? Present<A, C>
        : Present<A, string>

/** The parsed arguments that a handler gets: a count is a bigint, an absent option is undefined. */
export type Values<A extends Arguments> = { readonly [K in keyof A]: Value<A[K]> }

/** What JSON can say. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject

/** A JSON object; a member that is undefined is left out. */
export interface JsonObject {
  readonly [name: string]: Json | undefined
}

/** What went wrong, for the last lines on stderr. */
export interface Failure {
  /** A code of docs/errors.md. */
  readonly code: string
  /** What is wrong and where, in lower case, without a full stop. */
  readonly message: string
  /** What to do about it. */
  readonly hint?: string | undefined
}

/** What a handler hands back. It prints nothing itself. */
export interface Outcome {
  /** The document that `--json` prints. */
  readonly json: Json
  /** What is printed otherwise. */
  readonly text: readonly Line[]
  /** Bytes that go to stdout as they are, with or without `--json`, in place of both. */
  readonly raw?: Uint8Array
  /** Set where the command ran to its end and its answer is bad. */
  readonly failure?: Failure
  /** Commands to try next, said on stderr. */
  readonly next?: readonly string[]
}

/** How a handler talks while it works. */
export interface Talk {
  /** One line on stderr, unless `--quiet`. */
  say(line: Line): void
  /** What is being done just now: shown on a terminal alone, and gone when the next line comes. */
  status(text: string): void
  /** What is being done just now, where that is what the user waits to see: a line where there is no terminal. */
  step(text: string): void
}

/** The world as a handler sees it. */
export interface Context {
  /** The folder to work in, absolute: `--cwd`, else the process's. */
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborts on Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  readonly talk: Talk
  /** Asks for a text without showing it, or undefined where nobody can be asked. */
  readonly askHidden: ((question: string) => Promise<string>) | undefined
  /** All of standard input, at most `limit` bytes. */
  readonly readInput: (limit: number) => Promise<Uint8Array>
}

/** The work behind a command, as a handler's module exports it under the name `run`. */
export type Handler<A extends Arguments> = (context: Context, values: Values<A>) => Promise<Outcome>

/** A handler's module. A method, so that commands with different arguments fit in one list. */
interface HandlerModule<A extends Arguments> {
  run(context: Context, values: Values<A>): Promise<Outcome>
}

/** A command: what it is called, what it takes, and where its work is. */
export interface Command<A extends Arguments = Arguments> {
  /** The words that call it. */
  readonly path: readonly string[]
  readonly group: Group
  /** At most 60 characters, for lists. */
  readonly summary: string
  /** Paragraphs for its own help page. */
  readonly description?: readonly string[]
  readonly examples: readonly string[]
  readonly arguments: A
  readonly status: 'stable' | 'experimental'
  /** Loads the work. Nothing that a command needs is loaded before it is called. */
  readonly load: () => Promise<HandlerModule<A>>
}

/** The options of a command, without its positional arguments. */
export function optionsOf(specifications: Arguments): readonly (readonly [string, Argument])[] {
  return Object.entries(specifications).filter(([, argument]) => argument.positional !== true)
}
