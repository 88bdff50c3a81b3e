/** The first file of `vm`: what happens before anything else is loaded. */
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { vmCommand } from './support/vm-command.ts'

interface Ended {
  readonly exitCode: unknown
  readonly stdout: string
  readonly stderr: string
}

/** Runs `vm` after a piece of code that changes what it finds. */
function runAfter(code: string, words: readonly string[]): Promise<Ended> {
  const [file, ...rest] = vmCommand()
  const script = rest.pop() ?? ''
  const preload = `data:text/javascript,${encodeURIComponent(code)}`
  return new Promise((resolve) => {
    execFile(file, [...rest, '--import', preload, script, ...words], (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : error.code, stdout, stderr })
    })
  })
}

function pretendNode(version: string): string {
  return `Object.defineProperty(process, 'versions', { value: { node: '${version}' } })`
}

it('has no static import, so that every Node can read it', () => {
  const source = readFileSync(new URL('../src/vm.ts', import.meta.url), 'utf8')
  expect(source).not.toMatch(/^\s*(import|export) /m)
})

it('comes with the names and the terms of what was bundled', () => {
  const bundle = vmCommand().at(-1) ?? ''
  const [, ...packages] = readFileSync(join(dirname(bundle), 'licenses.md'), 'utf8').split('\n## ')
  const names = packages.map((text) => text.split(' ', 1)[0])
  expect(names).toEqual(expect.arrayContaining(['@noble/hashes', 'yaml', 'yargs']))
  expect(names.filter((name) => name?.startsWith('@vaultmesh/'))).toEqual([])
  for (const text of packages) expect(text).toMatch(/^\S+ \d\S+ \(\S+\)\n\n {4}\S/)
})

describe('a Node that is too old', () => {
  it.each(['16.20.2', '20.20.2', '22.15.1', '23.11.0'])('%s is named in one line', async (node) => {
    const { exitCode, stdout, stderr } = await runAfter(pretendNode(node), ['--version'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' })
    expect(stderr).toBe(
      `vm: error: this is Node ${node}, and vm needs Node 22.16 or later, or 24 or later [VM_NODE_TOO_OLD]\n` +
        'vm: hint: install a current Node from https://nodejs.org/\n',
    )
  })

  it.each(['22.16.0', '24.0.0', '26.1.0'])('%s is not', async (node) => {
    expect((await runAfter(pretendNode(node), ['--version'])).exitCode).toBe(0)
  })
})

describe('warnings', () => {
  const warn = (text: string): string =>
    // Called once everything is loaded, as a module of Node would.
    `process.once('beforeExit', () => process.emitWarning(${JSON.stringify(text)}, 'ExperimentalWarning'))`

  it('that SQLite is experimental is not printed', async () => {
    const { stderr } = await runAfter(
      warn('SQLite is an experimental feature and might change at any time'),
      ['help'],
    )
    expect(stderr).toBe('')
  })

  it('of any other kind is printed', async () => {
    const preload = `process.once('beforeExit', () => process.emitWarning('SQLite is odd', 'OtherWarning'))`
    expect((await runAfter(preload, ['help'])).stderr).toContain('SQLite is odd')
  })
})
