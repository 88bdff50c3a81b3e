/** The one place that knows yargs: it turns words into a command and typed values. */
import yargs, { type Argv } from 'yargs'
import { type Argument, type Arguments, type Command, optionsOf, type Values } from './command.ts'
import { VmError } from './errors.ts'
import { globalArguments } from './globals.ts'
import { suggest } from './suggest.ts'

/** What the words ask for. */
export type Request =
  | { readonly kind: 'help'; readonly path: readonly string[] }
  | {
      readonly kind: 'run'
      readonly command: Command
      readonly values: ParsedValues
      /** The values of the options that every command takes. */
      readonly shared: Values<typeof globalArguments>
    }

/** Values by argument name, as `Values` describes them. */
export type ParsedValues = Readonly<
  Record<string, string | boolean | bigint | readonly string[] | undefined>
>

/** What yargs makes of the words: options by name, and everything else, in order, under `_`. */
interface RawValues {
  readonly [name: string]: unknown
  readonly _: readonly (string | number)[]
}

// Numbers stay text (an id may be all digits), `--no-…` is an ordinary name, nothing is nested.
const configuration = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': true,
  'greedy-arrays': false,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'short-option-groups': false,
  'strip-aliased': true,
} as const

/**
 * Reads the words after `vm`.
 *
 * @throws {VmError} `VM_USAGE`, with a hint that names the nearest command or option.
 */
export function parse(words: readonly string[], commands: readonly Command[]): Request {
  refusePrototypeNames(words)
  let chosen: Command | undefined
  const root = bare(yargs([...words]))
  register(root, commands, [], (command) => {
    chosen = command
  })
  const raw = root.parseSync() as RawValues
  const path = raw._.map(String)
  if (path[0] === 'help') return helpRequest(path.slice(1), commands)
  if (raw['help'] === true) return helpRequest(chosen?.path ?? path, commands)
  if (chosen === undefined) {
    // An unknown option may have swallowed the command, so it is named first.
    const known = Object.assign({}, ...commands.map((command) => command.arguments)) as Arguments
    refuseUnknownOptions([], path.length === 0 ? {} : known, raw)
    return withoutCommand(path, commands)
  }
  const { cwd } = raw
  if (cwd !== undefined && typeof cwd !== 'string') {
    throw new VmError('VM_USAGE', '--cwd is given twice', { hint: helpHint(chosen.path) })
  }
  const on = (name: keyof typeof globalArguments): boolean => [raw[name]].flat().at(-1) === true
  return {
    kind: 'run',
    command: chosen,
    values: valuesOf(chosen, raw),
    shared: {
      cwd,
      help: on('help'),
      json: on('json'),
      'no-color': on('no-color'),
      'no-input': on('no-input'),
      quiet: on('quiet'),
    },
  }
}

/** yargs keeps options in plain objects, and takes `--toString` for one that is declared. */
function refusePrototypeNames(words: readonly string[]): void {
  const end = words.indexOf('--')
  for (const word of end === -1 ? words : words.slice(0, end)) {
    const name = /^--?([^=]*)/.exec(word)?.[1] ?? ''
    if (name in Object.prototype) {
      throw new VmError('VM_USAGE', `\`vm\` has no option ${dashed(name)}`, { hint: helpHint([]) })
    }
  }
}

/** A yargs that decides nothing by itself: no help, no version, no exit, no words of its own. */
function bare(parser: Argv): Argv {
  return declare(
    parser
      .scriptName('vm')
      .detectLocale(false)
      .locale('en')
      .help(false)
      .version(false)
      .exitProcess(false)
      .parserConfiguration(configuration)
      .fail((message, error) => {
        throw unreadable(message ?? error?.message ?? '')
      }),
    globalArguments,
  ).alias('help', 'h')
}

/** Yargs says in one way only that an option lacks its value; anything else is passed on. */
function unreadable(message: string): VmError {
  const [, name] = /^Not enough arguments following: (.+)$/.exec(message) ?? []
  return new VmError(
    'VM_USAGE',
    name === undefined ? message : `${dashed(name)} needs a value after it`,
  )
}

/** Registers the commands below `path`, level by level. */
function register(
  parser: Argv,
  commands: readonly Command[],
  path: readonly string[],
  choose: (command: Command) => void,
): void {
  const words = new Set(
    commands.flatMap((command) => {
      const word = command.path[path.length]
      return word !== undefined && startsWith(command.path, path) ? [word] : []
    }),
  )
  for (const word of words) {
    const here = [...path, word]
    const command = commands.find((each) => samePath(each.path, here))
    parser.command(
      word,
      false,
      (inner: Argv) => {
        // A word may be a command and have others below it: `vm timestamp FILE`, `... verify`.
        if (command !== undefined) declare(inner, command.arguments)
        register(inner, commands, here, choose)
        return inner
      },
      () => {
        if (command !== undefined) choose(command)
      },
    )
  }
}

function declare(parser: Argv, specifications: Arguments): Argv {
  for (const [name, argument] of Object.entries(specifications)) {
    if (argument.positional === true) continue
    if (argument.type === 'flag') parser.boolean(name)
    else parser.string(name).nargs(name, 1)
  }
  return parser
}

function valuesOf(command: Command, raw: RawValues): ParsedValues {
  refuseUnknownOptions(command.path, command.arguments, raw)
  const values: Record<string, ParsedValues[string]> = {}
  const places = raw._.map(String).slice(command.path.length)
  for (const [name, argument] of Object.entries(command.arguments)) {
    // A list among the places is the last of them.
    const count = argument.type === 'list' ? places.length : 1
    const given = argument.positional === true ? places.splice(0, count) : textsOf(name, raw[name])
    values[name] = parsedValue(command, name, argument, given)
  }
  const [extra] = places
  if (extra !== undefined) {
    throw new VmError('VM_USAGE', `\`${called(command.path)}\` does not take "${extra}"`, {
      hint: helpHint(command.path),
    })
  }
  return values
}

function parsedValue(
  command: Command,
  name: string,
  argument: Argument,
  given: readonly string[] | boolean,
): ParsedValues[string] {
  const shown = argument.positional === true ? (argument.value ?? name) : `--${name}`
  const wrong = (what: string): VmError =>
    new VmError('VM_USAGE', `${shown} ${what}`, { hint: helpHint(command.path) })
  if (typeof given === 'boolean') return given
  if (argument.type === 'flag') return false
  if (argument.type === 'list') return given
  const [text, second] = given
  if (second !== undefined) throw wrong('is given twice')
  if (text === undefined) {
    if (argument.required === true) {
      throw new VmError('VM_USAGE', `\`${called(command.path)}\` needs ${shown}`, {
        hint: helpHint(command.path),
      })
    }
    return argument.type === 'choice' ? argument.otherwise : undefined
  }
  if (argument.type === 'choice' && !argument.choices.includes(text)) {
    throw wrong(`is "${text}", and must be one of ${argument.choices.join(', ')}`)
  }
  if (argument.type === 'count') {
    if (!/^(0|[1-9][0-9]{0,18})$/.test(text))
      throw wrong(`is "${text}", and must be a whole number`)
    return BigInt(text)
  }
  return text
}

/** One option's values as yargs gives them: a text, texts when it was repeated, a boolean for a flag. */
function textsOf(name: string, raw: unknown): readonly string[] | boolean {
  if (raw === undefined) return []
  const all: readonly unknown[] = Array.isArray(raw) ? raw : [raw]
  const last = all.at(-1)
  if (typeof last === 'boolean') return last
  return all.map((value) => {
    if (typeof value === 'string') return value
    throw new VmError('VM_USAGE', `--${name} can not be read`)
  })
}

function refuseUnknownOptions(
  path: readonly string[],
  specifications: Arguments,
  raw: RawValues,
): void {
  const options = [...optionsOf(specifications), ...optionsOf(globalArguments)].map(
    ([name]) => name,
  )
  for (const name of Object.keys(raw)) {
    if (name === '_' || name === '$0' || name === '--' || options.includes(name)) continue
    const near = suggest(name, options)
    throw new VmError('VM_USAGE', `\`${called(path)}\` has no option ${dashed(name)}`, {
      hint: near === undefined ? helpHint(path) : `did you mean --${near}?`,
    })
  }
}

/** The words name no command: nothing at all, a group of commands, or something mistyped. */
function withoutCommand(path: readonly string[], commands: readonly Command[]): Request {
  if (path.length === 0) return { kind: 'help', path: [] }
  const group = longestGroup(path, commands)
  const word = path[group.length]
  const prefix = called(group)
  if (word === undefined) {
    throw new VmError('VM_USAGE', `\`${prefix}\` needs a command after it`, {
      hint: helpHint(group),
    })
  }
  const words = commands.flatMap((command) =>
    startsWith(command.path, group) ? (command.path[group.length] ?? []) : [],
  )
  const near = suggest(word, words)
  throw new VmError('VM_USAGE', `\`${prefix}\` has no command "${word}"`, {
    hint: near === undefined ? helpHint(group) : `did you mean \`${prefix} ${near}\`?`,
  })
}

function helpRequest(path: readonly string[], commands: readonly Command[]): Request {
  const [command] = commands
    .filter((each) => startsWith(path, each.path))
    .sort((a, b) => b.path.length - a.path.length)
  if (command !== undefined) return { kind: 'help', path: command.path }
  const group = longestGroup(path, commands)
  if (group.length < path.length) return withoutCommand(path, commands)
  return { kind: 'help', path }
}

/** The longest start of `path` under which there are commands. */
function longestGroup(path: readonly string[], commands: readonly Command[]): readonly string[] {
  let length = path.length
  while (length > 0 && !commands.some((each) => startsWith(each.path, path.slice(0, length)))) {
    length -= 1
  }
  return path.slice(0, length)
}

function startsWith(path: readonly string[], start: readonly string[]): boolean {
  return start.every((word, index) => path[index] === word)
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && startsWith(a, b)
}

function called(path: readonly string[]): string {
  return ['vm', ...path].join(' ')
}

function helpHint(path: readonly string[]): string {
  const what = path.length === 0 ? 'every command' : 'what it takes'
  return `run \`${['vm', 'help', ...path].join(' ')}\` to see ${what}`
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`
}
