/**
 * Writes the golden vectors into `docs/formats/vectors`:
 *
 *     node --conditions=@vaultmesh/source packages/remembrancer/test/vectors/generate.ts
 *
 * Every run gives other bytes: ECDSA and OpenPGP signatures are random. What each vector must
 * give is written down beside how it is made, and held to the verifier before anything is written.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { writeCanonicalJson } from '../../src/index.ts'
import { type Check, parseTrustPolicy, type Verdict, verifyBundle } from '../../src/verify.ts'
import { badClaims } from './bad-claims.ts'
import { badForms } from './bad-forms.ts'
import type { VectorCase } from './case.ts'
import { goodCases } from './good.ts'
import { type PolicyName, policies } from './policies.ts'

const folder = resolve(import.meta.dirname, '../../../../docs/formats/vectors')

function failing(checks: readonly Check[]): { id: string; status: string }[] {
  return checks
    .filter(({ status }) => !['pass', 'warn', 'skipped'].includes(status))
    .map(({ id, status }) => ({ id, status }))
}

function isPolicyName(name: string): name is PolicyName {
  return name in policies
}

async function judge(bytes: Uint8Array, policy: PolicyName): Promise<Verdict> {
  const parsed = parseTrustPolicy(writeCanonicalJson(policies[policy]))
  if (!parsed.ok) throw new Error(`${policy}: ${parsed.problems.join('; ')}`)
  return verifyBundle(bytes, parsed.policy)
}

async function write(directory: 'good' | 'bad', vector: VectorCase): Promise<object> {
  const { name, policy, why, make } = vector
  const bytes = await make()
  const verdict = await judge(bytes, policy)
  const expected = JSON.stringify(vector.failing)
  const found = JSON.stringify(
    Object.fromEntries(failing(verdict.checks).map((c) => [c.id, c.status])),
  )
  if (found !== expected || verdict.ok !== (directory === 'good')) {
    const details = JSON.stringify(verdict.checks, undefined, 1)
    throw new Error(`${directory}/${name} must give ${expected}, gives ${found}: ${details}`)
  }
  const file = `${directory}/${name}.vmproof.json`
  writeFileSync(join(folder, file), bytes)
  return {
    file,
    policy: `policies/${policy}.json`,
    ok: verdict.ok,
    failing: failing(verdict.checks),
    warned: verdict.checks.filter(({ status }) => status === 'warn').map(({ id }) => id),
    why,
  }
}

for (const directory of ['good', 'bad', 'policies']) {
  rmSync(join(folder, directory), { recursive: true, force: true })
  mkdirSync(join(folder, directory), { recursive: true })
}
for (const [name, document] of Object.entries(policies)) {
  if (!isPolicyName(name)) continue
  writeFileSync(join(folder, 'policies', `${name}.json`), writeCanonicalJson(document))
}
const index: object[] = []
for (const vector of goodCases) index.push(await write('good', vector))
for (const vector of [...badForms, ...badClaims]) index.push(await write('bad', vector))
writeFileSync(join(folder, 'index.json'), `${JSON.stringify(index, undefined, 2)}\n`)
process.stdout.write(`${index.length} vectors in ${folder}\n`)
