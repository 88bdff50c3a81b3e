/** Help pages, made from what the commands declare. */
import { type Argument, type Arguments, type Command, groups, optionsOf } from './command.ts'
import { globalArguments } from './globals.ts'
import { type Line, type Span, table, toned } from './text.ts'

/** How a command is called: its words and its positional arguments. */
export function synopsis(command: Command): string {
  const places = Object.entries(command.arguments)
    .filter(([, argument]) => argument.positional === true)
    .map(([name, argument]) => {
      const word = argument.value ?? name.toUpperCase()
      const many = argument.type === 'list' ? '...' : ''
      return argument.required === true ? `${word}${many}` : `[${word}]${many}`
    })
  return [...command.path, ...places].join(' ')
}

/** An option as it is typed, with the word for its value. */
export function optionWords(name: string, argument: Argument): string {
  if (argument.type === 'flag') return `--${name}`
  const usual = argument.type === 'choice' ? argument.choices.join('|') : 'TEXT'
  return `--${name} ${argument.value ?? usual}`
}

/** What an argument is, with what `vm` needs to know besides: required, repeatable, its usual value. */
export function argumentAbout(argument: Argument): string {
  const notes: string[] = []
  if (argument.required === true && argument.positional !== true) notes.push('required')
  if (argument.type === 'list' && argument.positional !== true) notes.push('may be repeated')
  // A word for the value stands where the choices are too many for one line.
  if (argument.type === 'choice' && argument.value !== undefined) {
    notes.push(argument.choices.join(', '))
  }
  if (argument.type === 'choice' && argument.otherwise !== undefined) {
    notes.push(`${argument.otherwise} unless given`)
  }
  return notes.length === 0 ? argument.about : `${argument.about} (${notes.join(', ')})`
}

function optionTable(specifications: Arguments): Line[] {
  const rows = optionsOf(specifications).map(([name, argument]): [string, Span] => [
    optionWords(name, argument),
    argumentAbout(argument),
  ])
  return table(rows, '  ')
}

/** The page of `vm --help`, or of a group such as `vm memory --help`. */
export function overview(commands: readonly Command[], path: readonly string[]): Line[] {
  const shown = commands.filter((each) => path.every((word, index) => each.path[index] === word))
  const lines: Line[] = []
  if (path.length === 0) {
    lines.push('vm spawns services, remembers what was done to them, and proves it.', '')
  }
  lines.push([toned('strong', 'Usage'), `: ${['vm', ...path].join(' ')} <command> [options]`])
  const width = Math.max(...shown.map((command) => synopsis(command).length))
  for (const group of groups) {
    const members = shown.filter((command) => command.group === group)
    if (members.length === 0) continue
    lines.push('', toned('strong', group))
    for (const command of members) {
      lines.push(`  ${synopsis(command).padEnd(width)}  ${command.summary}`)
    }
  }
  lines.push('', toned('strong', 'Options of every command'), ...optionTable(globalArguments))
  lines.push('', `\`vm help <command>\` shows what a command takes; \`vm --version\` the version.`)
  return lines
}

const lineLength = 88

/** A paragraph in lines of at most `lineLength` characters, broken at spaces. */
function wrapped(paragraph: string): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of paragraph.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > lineLength) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

/** The page of one command; `below` are those that its words are the beginning of. */
export function commandPage(command: Command, below: readonly Command[]): Line[] {
  const options = optionsOf(command.arguments)
  const usage = `: vm ${synopsis(command)}${options.length === 0 ? '' : ' [options]'}`
  const lines: Line[] = [`${command.summary}.`, '', [toned('strong', 'Usage'), usage]]
  for (const paragraph of command.description ?? []) lines.push('', ...wrapped(paragraph))
  if (below.length > 0) {
    const rows = below.map((each): [string, Span] => [synopsis(each), each.summary])
    lines.push('', toned('strong', 'Commands below it'), ...table(rows, '  '))
  }
  const places = Object.entries(command.arguments).filter(([, each]) => each.positional === true)
  if (places.length > 0) {
    const rows = places.map(([name, argument]): [string, Span] => [
      argument.value ?? name.toUpperCase(),
      argumentAbout(argument),
    ])
    lines.push('', toned('strong', 'Arguments'), ...table(rows, '  '))
  }
  if (options.length > 0) {
    lines.push('', toned('strong', 'Options'), ...optionTable(command.arguments))
  }
  lines.push('', toned('strong', 'Options of every command'), ...optionTable(globalArguments))
  lines.push('', toned('strong', 'Examples'))
  for (const example of command.examples) lines.push(`  ${example}`)
  if (command.status === 'experimental') {
    lines.push('', 'This command is experimental: it may change in any release.')
  }
  return lines
}
