import { readdirSync, readFileSync } from 'node:fs'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { describe, expect, it } from 'vitest'
import { type CheckStatus, checkIds, parseTrustPolicy, verifyBundle } from '../src/verify.ts'
import { badClaims } from './vectors/bad-claims.ts'
import { badForms } from './vectors/bad-forms.ts'
import { goodCases } from './vectors/good.ts'
import { policies } from './vectors/policies.ts'

interface Vector {
  readonly file: string
  readonly policy: string
  readonly ok: boolean
  readonly failing: readonly { readonly id: string; readonly status: CheckStatus }[]
  readonly warned: readonly string[]
  readonly why: string
}

const folder = new URL('../../../docs/formats/vectors/', import.meta.url)
const vectors: readonly Vector[] = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8'))

describe('golden vectors', () => {
  it.each(vectors)(
    '$file gives its verdict: $why',
    async ({ file, policy, ok, failing, warned }) => {
      const parsed = parseTrustPolicy(readFileSync(new URL(policy, folder)))
      if (!parsed.ok) throw new Error(parsed.problems.join('; '))
      const bytes = readFileSync(new URL(file, folder))
      const verdict = await verifyBundle(bytes, parsed.policy)
      const onNode = await verifyBundle(bytes, parsed.policy, { verify: nodeVerifyEd25519 })
      expect(onNode).toEqual(verdict)
      expect(verdict.checks.map(({ id }) => id)).toEqual(checkIds)
      const notable = verdict.checks.filter(
        ({ status }) => status !== 'pass' && status !== 'skipped',
      )
      const warnings = notable.filter(({ status }) => status === 'warn').map(({ id }) => id)
      expect({ ok: verdict.ok, warnings }).toEqual({ ok, warnings: warned })
      expect(
        notable.filter(({ status }) => status !== 'warn').map(({ id, status }) => ({ id, status })),
      ).toEqual(failing)
    },
  )

  it('are those that the generator makes, and no others', () => {
    const cases = [
      ...goodCases.map((vector) => ({ ...vector, file: `good/${vector.name}.vmproof.json` })),
      ...[...badForms, ...badClaims].map((vector) => ({
        ...vector,
        file: `bad/${vector.name}.vmproof.json`,
      })),
    ]
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length)
    expect(
      vectors.map(({ file, policy, failing, why }) => ({ file, policy, failing, why })),
    ).toEqual(
      cases.map(({ file, policy, failing, why }) => ({
        file,
        policy: `policies/${policy}.json`,
        failing: Object.entries(failing).map(([id, status]) => ({ id, status })),
        why,
      })),
    )
    const files = (name: string) =>
      readdirSync(new URL(name, folder)).map((file) => `${name}/${file}`)
    expect([...files('bad'), ...files('good')].sort()).toEqual(
      vectors.map(({ file }) => file).sort(),
    )
    expect(files('policies').sort()).toEqual(
      Object.keys(policies)
        .map((name) => `policies/${name}.json`)
        .sort(),
    )
  })

  it('show each check at its worst at least once', () => {
    const failed = new Set(vectors.flatMap(({ failing }) => failing.map(({ id }) => id)))
    expect([...checkIds].filter((id) => !failed.has(id))).toEqual([])
  })
})
