import { readdirSync, readFileSync } from 'node:fs'
import { parsePolicy } from '@vaultmesh/merkle/policy'
import { describe, expect, test } from 'vitest'
import { forkCheckIds, trustIn, verifyForkProof } from '../src/index.ts'
import { vectorFiles } from './vectors/files.ts'

interface Vector {
  readonly file: string
  readonly policy: string
  readonly ok: boolean
  readonly failing: readonly { readonly id: string; readonly status: string }[]
  readonly warned: readonly string[]
  readonly fork?: string
  readonly common?: string | null
  readonly witnessed?: readonly boolean[]
  readonly why: string
}

const folder = new URL('../../../docs/formats/vectors/fork/', import.meta.url)
const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'))

describe('golden vectors of fork proofs', () => {
  test.each(vectors)('$file: $why', async (vector) => {
    const policy = parsePolicy(readFileSync(new URL(vector.policy, folder)))
    if (!policy.ok) throw new Error(policy.detail)
    const bytes = readFileSync(new URL(vector.file, folder))
    const { ok, checks, fork, standing } = await verifyForkProof(bytes, trustIn(policy.policy))
    expect(checks.map(({ id }) => id)).toEqual(forkCheckIds)
    const failing = checks
      .filter(({ status }) => status === 'fail' || status === 'untrusted')
      .map(({ id, status }) => ({ id, status }))
    const warned = checks.filter(({ status }) => status === 'warn').map(({ id }) => id)
    expect({ ok, failing, warned }).toEqual({
      ok: vector.ok,
      failing: vector.failing,
      warned: vector.warned,
    })
    expect(fork?.id).toBe(vector.fork)
    expect(fork && (fork.divergence?.size.toString() ?? null)).toBe(vector.common)
    expect(standing?.map(({ witnessed }) => witnessed === true)).toEqual(vector.witnessed)
    // What comes after the check that does not hold was not judged.
    const at = checks.findIndex(({ status }) => status === 'fail' || status === 'untrusted')
    if (at !== -1) expect(new Set(checks.slice(at + 1).map((c) => c.status)).size).toBeLessThan(2)
  })

  test('are those that the generator makes, byte for byte, and no others', async () => {
    const made = await vectorFiles()
    const there = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )
    expect(there.map(({ name }) => name).sort()).toEqual(
      [...made.keys()]
        .map((path) => path.split('/').at(-1))
        .concat('README.md')
        .sort(),
    )
    for (const [path, bytes] of made) {
      expect(readFileSync(new URL(path, folder)).equals(bytes), path).toBe(true)
    }
  })

  test('show each check at its worst at least once', () => {
    const failed = new Set(vectors.flatMap(({ failing }) => failing.map(({ id }) => id)))
    // The last check says what a policy makes of a fork that is proven, and never refuses it.
    expect(forkCheckIds.filter((id) => !failed.has(id))).toEqual(['fork.witnessed'])
  })
})
