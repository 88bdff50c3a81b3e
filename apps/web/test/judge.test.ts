import { forkCheckIds } from '@vaultmesh/federation'
import { checkIds, parseTrustPolicy } from '@vaultmesh/remembrancer/verify'
import { describe, expect, it } from 'vitest'
import { explanations, statusWords } from '../src/page/explain.ts'
import { type HeldFile, holdFile } from '../src/page/held-file.ts'
import { judge } from '../src/page/judge.ts'
import type { Report } from '../src/page/report.ts'
import { forkVectors, policyOfLog, vectorFile, vectors } from './kit.ts'

const surroundings = {
  loadForks: () => import('../src/page/judge-fork.ts'),
  loadOpenPgp: () => import('openpgp'),
}

function held(path: string): HeldFile {
  const read = holdFile({ name: path, bytes: vectorFile(path), chosen: true })
  if (!read.ok) throw new Error(read.problem)
  return read.file
}

const good = held('good/decision.vmproof.json')
const policy = held('policies/basic.json')

describe('every check is explained', () => {
  it('of those that verifying a bundle, a body beside it and a fork proof can report', () => {
    expect(Object.keys(explanations)).toEqual([...checkIds, 'body.file', ...forkCheckIds])
  })

  it('in sentences', () => {
    for (const { title, holds, otherwise } of Object.values(explanations)) {
      expect(title).toMatch(/^[A-Z].*[^.]$/)
      expect(holds).toMatch(/^[A-Z].*\.$/)
      expect(otherwise).toMatch(/^[A-Z].*\.$/)
    }
    expect(Object.keys(statusWords)).toHaveLength(6)
  })
})

describe('golden vectors', () => {
  it.each(vectors)('$file is judged as it must be', async (vector) => {
    const report = await judge(
      { proof: held(vector.file), policy: held(vector.policy) },
      [],
      surroundings,
    )
    expect(report?.outcome).toBe(vector.ok ? 'verified' : 'failed')
    const bad = report?.checks
      .filter(({ status }) => !['pass', 'warn', 'skipped'].includes(status))
      .map(({ id, status }) => ({ id, status }))
    expect(bad).toEqual(vector.failing)
    for (const { id } of vector.failing) expect(report?.notes.join(' ')).toContain(`(${id}: `)
  })

  it.each(vectors)('$file alone is never verified, whatever is in it', async ({ file }) => {
    const report = await judge({ proof: held(file) }, [], surroundings)
    expect(report?.outcome).toBe('refused')
    expect(report?.checks.map(({ id }) => id)).toEqual([...checkIds])
    const held4 = report?.checks.filter(({ status }) => status !== 'skipped').map(({ id }) => id)
    for (const id of held4 ?? []) {
      expect(['bundle.format', 'entry.format', 'record.format', 'record.body']).toContain(id)
    }
  })
})

describe('without what it needs, nothing is verified', () => {
  const refusal = async (...given: Parameters<typeof judge>): Promise<Report> => {
    const report = await judge(...given)
    if (report === undefined) throw new Error('nothing was said')
    return report
  }

  it('neither without a proof, which is no verdict at all', async () => {
    expect(await judge({ policy }, [], surroundings)).toBeUndefined()
    expect(await judge({}, [], surroundings)).toBeUndefined()
  })

  it('nor with a policy that can not be read', async () => {
    const broken = { ...policy, bytes: policy.bytes.slice(1) }
    const report = await refusal({ proof: good, policy: broken }, [], surroundings)
    expect(report).toMatchObject({ outcome: 'refused', checks: [] })
    expect(report.headline).toContain('the trust policy can not be read')
    expect(parseTrustPolicy(broken.bytes)).toMatchObject({ problems: report.notes })
  })

  it('nor while a file that was given was not taken', async () => {
    const report = await refusal(
      { proof: good, policy },
      ['x was not read.', 'y neither.'],
      surroundings,
    )
    expect(report).toEqual({
      outcome: 'refused',
      headline: 'Nothing was verified. x was not read.',
      notes: ['y neither.'],
      checks: [],
    })
  })

  it('nor where a part can not be loaded, which is needed for such proofs only', async () => {
    const unreachable = () => Promise.reject(new TypeError('Failed to fetch'))
    const offline = { loadForks: unreachable, loadOpenPgp: unreachable }
    const both = { proof: held('good/openpgp.vmproof.json'), policy: held('policies/openpgp.json') }
    const report = await refusal(both, [], offline)
    expect(report).toMatchObject({ outcome: 'refused', checks: [] })
    const fork: HeldFile = { ...good, format: 'fork' }
    expect(await refusal({ proof: fork, policy }, [], offline)).toMatchObject({
      notes: report.notes.map((note) => note.replace('OpenPGP signatures', 'fork proofs')),
    })
    expect(await refusal({ proof: good, policy }, [], offline)).toMatchObject({
      outcome: 'verified',
    })
  })
})

describe('a body beside the proof', () => {
  const noBody: HeldFile = { format: 'body', name: 'x', bytes: Uint8Array.of(1), chosen: true }

  it('is another check, and refuses a file that is not the one', async () => {
    const report = await judge({ proof: good, policy, body: noBody }, [], surroundings)
    expect(report).toMatchObject({ outcome: 'failed' })
    expect(report?.checks.at(-1)).toMatchObject({ id: 'body.file', status: 'fail' })
    expect(report?.record).not.toHaveProperty('body')
  })
})

describe('a policy that the address named', () => {
  const linked = { ...policy, chosen: false }

  it('makes no verdict of its own: the page says whose choice it was before all else', async () => {
    const report = await judge({ proof: good, policy: linked }, [], surroundings)
    expect(report).toMatchObject({ outcome: 'verified', linkedPolicy: true })
    expect(report?.headline).toBe('Verified only for the trust policy that the link chose.')
    expect(report?.notes[0]).toContain('Whoever made the link chose whom is trusted here')
    expect(await judge({ proof: { ...good, chosen: false }, policy }, [], surroundings)).toEqual(
      await judge({ proof: good, policy }, [], surroundings),
    )
  })

  it('changes nothing where the proof does not hold under it', async () => {
    const proof = held('good/openpgp.vmproof.json')
    const report = await judge({ proof, policy: linked }, [], surroundings)
    expect(report).toEqual(await judge({ proof, policy }, [], surroundings))
    expect(report).toMatchObject({ outcome: 'failed' })
  })
})

describe('fork proofs', () => {
  const trusting = (path: string): HeldFile => ({
    ...{ format: 'policy', name: path, chosen: true },
    bytes: policyOfLog(path),
  })

  it.each(forkVectors)('$file is judged as it must be', async ({ file, policy, ok, failing }) => {
    const report = await judge({ proof: held(file), policy: trusting(policy) }, [], surroundings)
    expect(report?.outcome).toBe(ok ? 'verified' : 'failed')
    expect(report?.checks.map(({ id }) => id)).toEqual([...forkCheckIds])
    const bad = report?.checks
      .filter(({ status }) => !['pass', 'warn', 'skipped'].includes(status))
      .map(({ id, status }) => ({ id, status }))
    expect(bad).toEqual(failing)
    for (const { id } of failing) expect(report?.notes.join(' ')).toContain(`(${id}: `)
  })

  it('have no body, so that none is taken for theirs', async () => {
    const proof = held('fork/good/one-size.vmfork.json')
    const policy = trusting('fork/policies/open.txt')
    const body: HeldFile = { format: 'body', name: 'x', bytes: Uint8Array.of(1), chosen: true }
    expect(await judge({ proof, policy }, [], surroundings)).toMatchObject({ outcome: 'verified' })
    expect(await judge({ proof, policy, body }, [], surroundings)).toMatchObject({
      outcome: 'refused',
      headline: 'Nothing was verified: a fork proof has no body.',
    })
  })

  it('show nothing to those who do not know the log, or have no policy', async () => {
    const proof = held('fork/good/one-size.vmfork.json')
    const unrelated = trusting('fork/policies/other-log.txt')
    const others = await judge({ proof, policy: unrelated }, [], surroundings)
    expect(others).toMatchObject({ outcome: 'failed' })
    expect(others?.notes).toEqual([expect.stringContaining('(fork.origin: ')])
    const alone = await judge({ proof }, [], surroundings)
    expect(alone).toMatchObject({ outcome: 'refused' })
    expect(alone?.checks.map(({ status }) => status)).toEqual([
      'pass',
      ...forkCheckIds.slice(1).map(() => 'skipped'),
    ])
  })
})
