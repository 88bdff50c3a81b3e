/** What `vm serve` looks at before it serves. */
import type { OwnLogSighting } from '@vaultmesh/federation/node'
import { expect, it } from 'vitest'
import { Closers } from '../src/closers.ts'
import { requireNewest } from '../src/served-node.ts'
import { exposureOf } from '../src/serving.ts'

const { signal } = new AbortController()

function seen(relation: OwnLogSighting['relation']) {
  const sighting = { origin: 'example.com/a', where: 'acme', size: 9n, ownSize: 7n, relation }
  return { ownLogSeenBy: async () => [sighting] }
}

it('writes nothing to a log of which others have seen more, or something else', async () => {
  await requireNewest(seen('same'), signal)
  await requireNewest(seen('behind'), signal)
  await expect(requireNewest(seen('ahead'), signal)).rejects.toMatchObject({
    code: 'VM_NOT_ALLOWED',
    message: 'acme has 9 entries of example.com/a, and here are 7: this is an old copy',
  })
  await expect(requireNewest(seen('forked'), signal)).rejects.toMatchObject({ code: 'VM_FORKED' })
})

it('knows which addresses others can reach', () => {
  for (const host of ['127.0.0.1', '127.9.9.9', '::1']) expect(exposureOf(host)).toBe('loopback')
  for (const host of ['0.0.0.0', '10.0.0.1', '::', '::2', '::ffff:127.0.0.1']) {
    expect(exposureOf(host)).toBe('network')
  }
  for (const host of ['localhost', '', '127.1', '1.2.3.4.5']) {
    expect(() => exposureOf(host)).toThrow(expect.objectContaining({ code: 'VM_USAGE' }))
  }
})

it('closes what it opened in reverse, also where some of it fails, and once', async () => {
  const closed: string[] = []
  const closers = new Closers()
  closers.add(() => closed.push('first'))
  closers.add(async () => {
    closed.push('second')
    throw new Error('broken')
  })
  closers.add(() => closed.push('third'))
  await expect(closers.close()).rejects.toThrow('broken')
  expect(closed).toEqual(['third', 'second', 'first'])
  await closers.close()
  expect(closed).toHaveLength(3)
})
