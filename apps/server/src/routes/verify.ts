/** Proofs, verified against the policy of the workspace. */
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { bundleMediaType, maxBundleBytes } from '@vaultmesh/remembrancer'
import { parseTrustPolicy, verifyBundle } from '@vaultmesh/remembrancer/verify'
import type { FastifyInstance } from 'fastify'
import type { ServerContext } from '../context.ts'
import { Problem } from '../errors.ts'
import { reading } from '../http/authorise.ts'
import { bytesOf, takeBytes } from '../http/body.ts'
import { anyObject, ref } from '../schemas/common.ts'
import { schemaOf } from '../schemas/operation.ts'

const tag = 'proofs'

/** `/v1/verify`, `/v1/policy` */
export async function addVerify(app: FastifyInstance, { workspace }: ServerContext): Promise<void> {
  app.get(
    '/v1/policy',
    {
      config: { access: reading('memories:read') },
      schema: schemaOf({
        id: 'getPolicy',
        tag,
        summary: 'Give the trust policy of the workspace as one portable file',
        description:
          'For the convenience of those who trust this server already. Whoever does not must get the policy by another way.',
        answers: { 200: { description: 'Canonical JSON', schema: anyObject } },
        problems: ['NOT_READY'],
        token: 'optional',
      }),
    },
    async (_request, reply) =>
      reply.type('application/json').send(Buffer.from(await workspace.exportPolicy())),
  )

  const consumes = [bundleMediaType, 'application/json', 'application/octet-stream']
  await app.register(async (scope) => {
    takeBytes(scope, consumes, maxBundleBytes)
    scope.post(
      '/v1/verify',
      {
        config: { access: reading('memories:read') },
        schema: schemaOf({
          id: 'verifyProof',
          tag,
          summary: 'Verify a proof bundle against the policy of the workspace',
          description: 'The answer is a verdict, also for bytes that are no proof at all.',
          consumes,
          answers: { 200: { description: 'The verdict', schema: ref('Verdict') } },
          problems: ['BODY_TOO_LARGE', 'MEDIA_TYPE_REFUSED', 'NOT_READY'],
          token: 'optional',
        }),
      },
      async (request) => {
        const policy = parseTrustPolicy(await workspace.exportPolicy())
        if (!policy.ok) throw new Problem('NOT_READY', 'The trust policy can not be used.')
        return verifyBundle(bytesOf(request), policy.policy, { verify: nodeVerifyEd25519 })
      },
    )
  })
}
