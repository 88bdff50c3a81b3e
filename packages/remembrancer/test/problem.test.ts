import { describe, expect, it } from 'vitest'
import { schemaProblem } from '../src/schemas/index.ts'

function deployment(members: Readonly<Record<string, unknown>>): unknown {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://vaultmesh.cloud/memory/deployment/v0',
    subject: [{ name: 'image', digest: { sha256: '0'.repeat(64) } }],
    predicate: {
      namespace: 'payments',
      title: 'A deployment',
      occurredAt: '2026-11-23T10:00:00Z',
      recordNonce: 'AAAAAAAAAAAAAAAAAAAAAA==',
      service: 'orders',
      environment: 'production',
      outcome: 'succeeded',
      ...members,
    },
  }
}

describe('what is wrong with a record', () => {
  it('is nothing with a sound one', () => {
    expect(schemaProblem('deployment', deployment({}))).toBeUndefined()
  })

  it.each([
    [{ title: 'a\nb' }, 'predicate.title: must be one line, without control characters'],
    [{ title: '' }, 'predicate.title: must not be empty'],
    [{ title: 'x'.repeat(201) }, 'predicate.title: must have at most 200 characters'],
    [{ title: 3 }, 'predicate.title: must be of the type string'],
    [{ service: 'A B' }, 'predicate.service: must be 1 to 63 of a-z, 0-9 and "-", not at the ends'],
    [{ outcome: 'x' }, 'predicate.outcome: must be one of succeeded, failed, rolled-back'],
    [{ tags: ['a', 'a'] }, 'predicate.tags: must not hold anything twice'],
    [
      { tags: Array.from({ length: 33 }, (_, i) => `t${i}`) },
      'predicate.tags: must have at most 32 items',
    ],
    [{ body: {} }, 'predicate.body: is not allowed here'],
    [
      { links: [{ rel: 'A B', uri: 'https://example.com/' }] },
      'predicate.links.0.rel: must look like ^[a-z0-9-]{1,64}$',
    ],
  ])('names the member and what it must be: %j', (members, problem) => {
    expect(schemaProblem('deployment', deployment(members))).toBe(problem)
  })

  it('names a member that is missing', () => {
    const statement = JSON.parse(JSON.stringify(deployment({ service: undefined })))
    expect(schemaProblem('deployment', statement)).toBe('predicate: lacks "service"')
  })
})
