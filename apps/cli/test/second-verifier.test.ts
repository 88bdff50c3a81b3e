/** What `vm` makes now is read by a verifier that shares no code with it, by way of sumdb/note. */
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { itWith } from '@vaultmesh/testing'
import { expect } from 'vitest'
import { type Stage, stage } from './support/stage.ts'
import { vmCommand } from './support/vm-command.ts'

const goModule = new URL('../../../interop/verifier/', import.meta.url)

function vm({ work, env }: Stage, ...words: readonly string[]): string {
  const [program, ...command] = vmCommand()
  return execFileSync(program, [...command, ...words], { cwd: work, env, encoding: 'utf8' })
}

itWith(['go'], 'the Go verifier accepts a new proof, and refuses it once it is changed', () => {
  const place = stage()
  const policy = join(place.work, 'policy.json')
  const proof = join(place.work, 'decision.vmproof.json')
  vm(place, 'init', '--no-passphrase', '--namespace', 'payments')
  vm(place, 'memory', 'record', 'note', '--title', 'First', '--body', 'text')
  const words = ['--title', 'Use PostgreSQL', '--body', 'because', '--json']
  const { id } = JSON.parse(vm(place, 'memory', 'record', 'decision', ...words))
  vm(place, 'memory', 'prove', id, '--output', proof)
  vm(place, 'trust', 'export', '--output', policy)

  const verifier = join(place.work, 'vmverify')
  execFileSync('go', ['build', '-o', verifier, './cmd/vmverify'], { cwd: goModule })
  expect(execFileSync(verifier, [policy, proof], { encoding: 'utf8' })).toBe('verified\n')

  const changed = readFileSync(proof, 'utf8').replace('index 1', 'index 0')
  writeFileSync(proof, changed)
  expect(() => execFileSync(verifier, [policy, proof], { stdio: 'pipe' })).toThrow('log.inclusion')
})
