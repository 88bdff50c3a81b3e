/** The documentation and the code say the same. */
import { readFileSync } from 'node:fs'
import { TlogError } from '@vaultmesh/tlog'
import { describe, expect, it } from 'vitest'
import { catalogue, exitCodeOf, failureOf, interruptionOf, VmError } from '../src/errors.ts'
import { exitCodes } from '../src/exit-codes.ts'
import { libraries } from '../src/library-errors.ts'
import { commands } from '../src/registry.ts'
import { parse } from '../src/yargs.ts'
import { cliPage, errorsPage } from './support/pages.ts'

const repository = new URL('../../../', import.meta.url)

function read(path: string): string {
  return readFileSync(new URL(path, repository), 'utf8')
}

it('docs/cli.md lists every command with everything that it takes', async () => {
  await expect(cliPage(commands)).toMatchFileSnapshot('../../../docs/cli.md')
})

it('docs/errors.md lists every exit code and every error code', async () => {
  await expect(errorsPage()).toMatchFileSnapshot('../../../docs/errors.md')
})

it('the README lists every exit code', () => {
  const rows = read('apps/cli/README.md').matchAll(/^\| (\d+) +\|/gm)
  expect([...rows].map(([, code]) => Number(code))).toEqual(Object.values(exitCodes))
})

describe('every command', () => {
  it.each(commands.map((command) => [command.path.join(' '), command] as const))(
    '%s has words for help, an example that calls it, and work that loads',
    async (name, command) => {
      expect(command.summary).toMatch(/^[A-Z].*[^.]$/)
      expect(command.summary.length).toBeLessThanOrEqual(60)
      expect(command.examples.length).toBeGreaterThan(0)
      for (const example of command.examples) {
        expect(example.startsWith(`vm ${name}`)).toBe(true)
      }
      for (const argument of Object.values(command.arguments)) {
        expect(argument.about).toMatch(/[^.]$/)
      }
      expect(typeof (await command.load()).run).toBe('function')
    },
  )

  it('is called by words of its own', () => {
    const paths = commands.map((command) => command.path.join(' '))
    expect(new Set(paths).size).toBe(paths.length)
  })
})

/** The words of a line for a shell, as far as examples need: double quotes and comments. */
function words(line: string): string[] {
  const found = line.replace(/ +#.*$/, '').match(/"[^"]*"|\S+/g) ?? []
  return found.map((word) => word.replace(/^"(.*)"$/, '$1'))
}

describe('every example can be typed', () => {
  const readme = read('apps/cli/README.md')
  const shell = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(
    ([, block = '']) => block.match(/^vm .*$/gm) ?? [],
  )
  const examples = commands.flatMap((command) => command.examples)

  it.each([...new Set([...shell, ...examples])])('%s', (line) => {
    const request = parse(words(line).slice(1), commands)
    expect(request.kind).toBe('run')
  })
})

describe('failures', () => {
  it('of vm itself have their exit code and their hint', () => {
    for (const [code, entry] of Object.entries(catalogue)) {
      expect(exitCodeOf(code)).toBe(entry.exitCode)
    }
    expect(failureOf(new VmError('VM_NO_WORKSPACE', 'none here'))).toEqual({
      code: 'VM_NO_WORKSPACE',
      message: 'none here',
      hint: catalogue.VM_NO_WORKSPACE.hint,
    })
  })

  it('of the libraries keep their code, and no code means two things', () => {
    const seen = new Map<string, number>()
    for (const { entries } of Object.values(libraries)) {
      for (const [code, { exitCode }] of Object.entries(entries)) {
        expect(seen.get(code) ?? exitCode).toBe(exitCode)
        seen.set(code, exitCode)
        expect(exitCodeOf(code)).toBe(exitCode)
      }
    }
  })

  it('of a library are split into what is wrong and what to do', () => {
    const error = Object.assign(new Error('There is no x.y in /z. Make one with: vm init.'), {
      name: 'RemembrancerError',
      code: 'WORKSPACE_MISSING',
    })
    expect(failureOf(error)).toEqual({
      code: 'WORKSPACE_MISSING',
      message: 'There is no x.y in /z',
      hint: 'Make one with: vm init',
    })
  })

  it('that were interrupted say what may be in a log all the same', () => {
    const stop = new VmError('VM_INTERRUPTED', 'interrupted by SIGINT')
    const withheld = new TlogError('LOG_NOT_WITNESSED', 'no witness answers')
    expect(interruptionOf(stop, stop).hint).toBeUndefined()
    expect(interruptionOf(stop, withheld)).toEqual({
      code: 'VM_INTERRUPTED',
      message: 'interrupted by SIGINT',
      hint: expect.stringContaining('do not repeat it'),
    })
  })

  it('that nobody foresaw say that they are a bug, and those of the system that they are not', () => {
    expect(failureOf(new TypeError('x is not a function')).code).toBe('VM_BUG')
    expect(failureOf('text').code).toBe('VM_BUG')
    expect(failureOf(Object.assign(new Error('EMFILE'), { code: 'EMFILE' })).code).toBe('VM_SYSTEM')
    expect(failureOf(new DOMException('stop', 'AbortError')).code).toBe('VM_INTERRUPTED')
  })
})
