/**
 * Scripts that read like a shell session.
 *
 *     # A comment. `# needs: git openssl` names what the script can't do without.
 *     $ vm init --no-passphrase        a command for sh; `> ` continues it on the next line
 *     a line of stdout                 `[..]` stands for any text, `...` alone for any lines,
 *     [ID]                             `[ID]` for a word that is remembered, and is `$ID` below
 *     2> a line of stderr
 *     ? 2                              the exit code, where it is not 0
 *
 * Empty lines at the end of what a command prints are not looked at.
 */
import { execFile } from 'node:child_process'
import { conformanceDirectory, type itWith } from '@vaultmesh/testing'
import { expect } from 'vitest'
import type { Stage } from './stage.ts'

type Requirement = Parameters<typeof itWith>[0][number]

/** One command and what it must do. */
interface Exchange {
  readonly command: string
  readonly stdout: string[]
  readonly stderr: string[]
  exitCode: number
}

/** A script that was read. */
export interface Session {
  readonly needs: readonly Requirement[]
  readonly exchanges: readonly Exchange[]
}

function lastOf(exchanges: readonly Exchange[], line: string): Exchange {
  const last = exchanges.at(-1)
  if (last === undefined) throw new Error(`a script begins with a command, not with "${line}"`)
  return last
}

/** Reads a script. */
export function parseSession(text: string): Session {
  const exchanges: Exchange[] = []
  const needs: Requirement[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('# needs: ')) {
      needs.push(...(line.slice('# needs: '.length).split(' ') as Requirement[]))
    } else if (line.startsWith('#')) {
    } else if (line.startsWith('$ ')) {
      exchanges.push({ command: line.slice(2), stdout: [], stderr: [], exitCode: 0 })
    } else if (line.startsWith('> ')) {
      const last = lastOf(exchanges, line)
      exchanges.splice(-1, 1, { ...last, command: `${last.command}\n${line.slice(2)}` })
    } else if (line.startsWith('? ')) {
      lastOf(exchanges, line).exitCode = Number(line.slice(2))
    } else if (line.startsWith('2> ')) {
      lastOf(exchanges, line).stderr.push(line.slice(3))
    } else if (exchanges.length > 0) {
      lastOf(exchanges, line).stdout.push(line)
    }
  }
  return { needs, exchanges }
}

/** Runs every command of a script in `stage.work`, and compares. */
export async function playSession(session: Session, stage: Stage): Promise<void> {
  const memory = new Map([
    ['ROOT', stage.root],
    ['HOME', stage.home],
    ['WORK', stage.work],
    ['CONFORMANCE', conformanceDirectory()],
  ])
  for (const exchange of session.exchanges) {
    const actual = await runShell(exchange.command, stage, memory)
    const matches =
      actual.exitCode === exchange.exitCode &&
      matchLines(trimmed(exchange.stdout), actual.stdout, memory) &&
      matchLines(trimmed(exchange.stderr), actual.stderr, memory)
    // The comparison above knows wildcards; this one is there to show the difference.
    if (!matches) {
      expect({ command: exchange.command, ...actual }).toEqual({
        command: exchange.command,
        exitCode: exchange.exitCode,
        stdout: trimmed(exchange.stdout),
        stderr: trimmed(exchange.stderr),
      })
      throw new Error(`no match: ${exchange.command}`)
    }
  }
}

function runShell(
  command: string,
  stage: Stage,
  memory: ReadonlyMap<string, string>,
): Promise<{ exitCode: number; stdout: string[]; stderr: string[] }> {
  return new Promise((resolve) => {
    const child = execFile(
      '/bin/sh',
      ['-c', command],
      { cwd: stage.work, env: { ...Object.fromEntries(memory), ...stage.env } },
      (error, stdout, stderr) => {
        const exitCode = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({
          exitCode,
          stdout: trimmed(stdout.split('\n')),
          stderr: trimmed(stderr.split('\n')),
        })
      },
    )
    child.stdin?.end()
  })
}

function trimmed(lines: readonly string[]): string[] {
  const end = lines.findLastIndex((line) => line.trim() !== '')
  return lines.slice(0, end + 1)
}

/** Whether lines match; what `[NAME]` stood for is remembered when they do. */
function matchLines(
  expected: readonly string[],
  actual: readonly string[],
  memory: Map<string, string>,
): boolean {
  const [first, ...rest] = expected
  if (first === undefined) return actual.length === 0
  if (first === '...') {
    return (
      actual.some((_, skip) => matchLines(rest, actual.slice(skip), memory)) || rest.length === 0
    )
  }
  const [line, ...others] = actual
  if (line === undefined) return false
  const learned = matchLine(first, line, memory)
  if (learned === undefined) return false
  const known = new Map([...memory, ...learned])
  if (!matchLines(rest, others, known)) return false
  for (const [name, value] of known) memory.set(name, value)
  return true
}

function matchLine(
  expected: string,
  actual: string,
  memory: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> | undefined {
  const names: string[] = []
  const pattern = expected
    .split(/(\[\.\.\]|\[[A-Z]+\])/)
    .map((part) => {
      if (part === '[..]') return '.*?'
      const [, name] = /^\[([A-Z]+)\]$/.exec(part) ?? []
      const known = name === undefined ? part : memory.get(name)
      if (known !== undefined) return known.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
      if (name !== undefined) names.push(name)
      return '(\\S+)'
    })
    .join('')
  const found = new RegExp(`^${pattern}$`).exec(actual)
  if (found === null) return undefined
  return new Map(names.map((name, index) => [name, found[index + 1] ?? '']))
}
