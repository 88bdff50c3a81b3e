import { generateKeyPairSync, sign, verify as verifySignature } from 'node:crypto'
import { loadTemplate, spawn, verify } from '@vaultmesh/spawn-core'
import { itWith, temporaryDirectory } from '@vaultmesh/testing'
import { expect, vi } from 'vitest'

// It installs, builds, tests and starts a whole service.
vi.setConfig({ testTimeout: 600_000 })

itWith(
  ['git', 'npm'],
  'a service of ts-fastify installs, passes its own tests, runs and drains',
  async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const keyid = 'test'
    const env = {
      ...process.env,
      GIT_AUTHOR_NAME: 'Test',
      GIT_AUTHOR_EMAIL: 'test@example.com',
      GIT_COMMITTER_NAME: 'Test',
      GIT_COMMITTER_EMAIL: 'test@example.com',
    }
    const { directory } = await spawn({
      template: await loadTemplate('ts-fastify'),
      answers: { name: 'payment-service', owner: '@example/payments' },
      parent: temporaryDirectory(),
      signer: { keyid, sign: async (pae) => sign(null, pae, privateKey) },
      env,
    })
    const report = await verify({
      directory,
      tier: 'test',
      keys: [
        { keyid, verify: (pae, signature) => verifySignature(null, pae, publicKey, signature) },
      ],
      env,
    })
    const bad = report.steps.filter(({ status }) => status !== 'pass')
    expect(bad).toEqual([])
    expect(report.ok).toBe(true)
    expect(report.steps.map(({ id }) => id)).toEqual(
      expect.arrayContaining(['service.ready', 'service.metrics', 'service.drain', 'tree.clean']),
    )
  },
)
