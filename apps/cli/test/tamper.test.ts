/** The demo's tampering, on a real bundle: each change is caught by the check that it names. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseTrustPolicy, verifyBundle } from '@vaultmesh/remembrancer/verify'
import { initWorkspace, openWorkspace } from '@vaultmesh/remembrancer/workspace'
import { temporaryDirectory } from '@vaultmesh/testing'
import { expect, it } from 'vitest'
import { tamperings } from '../src/demo/tamper.ts'

it('is caught by the check that is named, and by no chance of spelling', async () => {
  const root = temporaryDirectory()
  const directory = join(root, 'work')
  mkdirSync(directory)
  const options = { directory, env: { HOME: root }, clock: () => new Date() }
  await initWorkspace({ ...options, passphrase: null })
  const workspace = await openWorkspace(options)
  const body = { text: 'text' }
  await workspace.record({ kind: 'note', title: 'First', body })
  const { id } = await workspace.record({ kind: 'note', title: 'Second', body })
  const bundle = await workspace.prove(id)
  const parsed = parseTrustPolicy(await workspace.exportPolicy())
  await workspace.close()
  if (!parsed.ok) throw new Error(parsed.problems.join())

  expect((await verifyBundle(bundle, parsed.policy)).ok).toBe(true)
  const changes = tamperings(bundle)
  expect(changes.map(({ check }) => check)).toEqual([
    'signature.valid',
    'signature.valid',
    'time.token',
    'log.inclusion',
    'log.inclusion',
    'log.checkpoint',
    'log.checkpoint',
  ])
  for (const change of changes) {
    const { ok, checks } = await verifyBundle(change.bundle, parsed.policy)
    const failed = checks.filter(({ status }) => status === 'fail').map(({ id }) => id)
    expect(ok, change.part).toBe(false)
    expect(failed, change.part).toContain(change.check)
    // The bundle is still a bundle: it is the evidence that is wrong.
    expect(failed, change.part).not.toContain('bundle.format')
  }
})
