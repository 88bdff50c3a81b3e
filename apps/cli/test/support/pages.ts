/** The pages of documentation that are made from what the code declares. */
import { type Command, groups, optionsOf } from '../../src/command.ts'
import { catalogue } from '../../src/errors.ts'
import { exitCodes } from '../../src/exit-codes.ts'
import { globalArguments } from '../../src/globals.ts'
import { argumentAbout, optionWords, synopsis } from '../../src/help.ts'
import { libraries } from '../../src/library-errors.ts'

const made = (what: string): string =>
  `<!-- Made from ${what} by apps/cli/test/docs.test.ts; \`vitest run apps/cli/test/docs -u\` writes it anew. -->`

type Row = readonly [string, string]

/** A table whose columns are padded, as the formatter wants it. */
function markdownTable(head: Row, rows: readonly Row[]): string[] {
  const cells = [head, ...rows].map((row) => row.map((text) => text.replaceAll('|', '\\|')))
  const widths = [0, 1].map((column) =>
    Math.max(3, ...cells.map((row) => (row[column] ?? '').length)),
  )
  const line = (row: readonly string[], fill: string): string =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0, fill)).join(' | ')} |`
  const [first = [], ...others] = cells
  return [line(first, ' '), line(['', ''], '-'), ...others.map((row) => line(row, ' '))]
}

function optionRows(specifications: Command['arguments']): Row[] {
  return optionsOf(specifications).map(([name, argument]) => [
    `\`${optionWords(name, argument)}\``,
    argumentAbout(argument),
  ])
}

/** docs/cli.md */
export function cliPage(commands: readonly Command[]): string {
  const lines = [
    '# The commands of `vm`',
    '',
    made('the registry of commands'),
    '',
    'Data goes to stdout, talk to stderr. With `--json`, stdout is exactly one JSON document, whatever happens: the answer, or `{"error": {"code", "exitCode", "hint", "message"}}`. Exit codes and error codes are in [errors.md](errors.md).',
    '',
    '## Options of every command',
    '',
    ...markdownTable(['option', ''], optionRows(globalArguments)),
  ]
  for (const group of groups) {
    lines.push('', `## ${group}`)
    for (const command of commands.filter((each) => each.group === group)) {
      const places = Object.entries(command.arguments).filter(
        ([, each]) => each.positional === true,
      )
      const rows: Row[] = [
        ...places.map(([name, each]): Row => [`\`${each.value ?? name}\``, argumentAbout(each)]),
        ...optionRows(command.arguments),
      ]
      lines.push(
        '',
        `### \`vm ${synopsis(command)}\``,
        '',
        `${command.summary}. _${command.status}_`,
      )
      for (const paragraph of command.description ?? []) lines.push('', paragraph)
      if (rows.length > 0) lines.push('', ...markdownTable(['argument', ''], rows))
      lines.push('', '```sh', ...command.examples, '```')
    }
  }
  return `${lines.join('\n')}\n`
}

const meanings: Record<keyof typeof exitCodes, string> = {
  done: 'done',
  failure: 'failure',
  usage: 'usage: the words were wrong, and nothing was begun',
  verificationFailed: 'verification failed: evidence is there, and it is wrong',
  evidenceMissing: 'evidence missing: the policy asks for more than there is',
  conflict: 'conflict: something else is there already',
  preflight: 'pre-flight: something that the work needs is not there, and nothing was begun',
  notTrusted: 'not trusted, or not allowed',
  interrupted: 'interrupted',
}

/** docs/errors.md */
export function errorsPage(): string {
  const lines = [
    '# Exit codes and error codes',
    '',
    made('`apps/cli/src/errors.ts` and `apps/cli/src/library-errors.ts`'),
    '',
    'A failure is two lines on stderr: `vm: error: … [CODE]`, and often `vm: hint: …`. The code is for searching this page, the exit code is for scripts.',
    '',
    '## Exit codes',
    '',
    ...markdownTable(
      ['exit code', 'meaning'],
      Object.entries(exitCodes).map(([name, code]) => [
        String(code),
        meanings[name as keyof typeof exitCodes],
      ]),
    ),
    '',
    '## Codes of `vm`',
  ]
  for (const [code, entry] of Object.entries(catalogue)) {
    lines.push('', `### ${code}`, '', `${entry.when} Exit code ${entry.exitCode}.`)
    if ('hint' in entry) lines.push('', `Hint: ${entry.hint}.`)
  }
  for (const { folder, entries, parent = 'packages' } of Object.values(libraries)) {
    lines.push(
      '',
      `## Codes of \`@vaultmesh/${folder}\``,
      '',
      `When each happens is in the [README of the package](../${parent}/${folder}/README.md).`,
      '',
      ...markdownTable(
        ['code', 'exit code'],
        Object.entries(entries)
          .sort(([one], [other]) => (one < other ? -1 : 1))
          .map(([code, { exitCode }]) => [
            `<a id="${folder}-${code.toLowerCase()}"></a>\`${code}\``,
            String(exitCode),
          ]),
      ),
    )
  }
  return `${lines.join('\n')}\n`
}
