/** Proofs, verified against the policy of the workspace. */
import { claimsFork, forkMediaType, shownFork, verifyForkProof } from '@vaultmesh/federation'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { bundleMediaType, maxBundleBytes } from '@vaultmesh/remembrancer'
import { parseTrustPolicy, type TrustPolicy, verifyBundle } from '@vaultmesh/remembrancer/verify'
import type { FastifyInstance } from 'fastify'
import type { ServerContext } from '../context.ts'
import { Problem } from '../errors.ts'
import { reading } from '../http/authorise.ts'
import { bytesOf, takeBytes } from '../http/body.ts'
import { anyObject, ref } from '../schemas/common.ts'
import { schemaOf } from '../schemas/operation.ts'

const tag = 'proofs'

const verify = nodeVerifyEd25519

/** The verdict on the proof of a fork, with the members that a verdict on a bundle has. */
async function forkVerdict(bytes: Uint8Array, { logs }: TrustPolicy) {
  const trustOf = (origin: string) => logs.find((log) => log.origin === origin)?.policy
  const verdict = await verifyForkProof(bytes, trustOf, { verify })
  const warned = verdict.checks.filter(({ status }) => status === 'warn')
  return {
    ok: verdict.ok,
    checks: verdict.checks,
    warnings: warned.map(({ detail }) => detail),
    fork: shownFork(verdict),
  }
}

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

  const consumes = [bundleMediaType, forkMediaType, 'application/json', 'application/octet-stream']
  await app.register(async (scope) => {
    takeBytes(scope, consumes, maxBundleBytes)
    scope.post(
      '/v1/verify',
      {
        config: { access: reading('memories:read') },
        schema: schemaOf({
          id: 'verifyProof',
          tag,
          summary:
            'Verify a proof bundle, or the proof of a fork, against the policy of the workspace',
          description:
            'The answer is a verdict, also for bytes that are no proof at all. What says of itself that it is the proof of a fork, in its `mediaType`, is verified as one; all else as a bundle.',
          consumes,
          answers: { 200: { description: 'The verdict', schema: ref('Verdict') } },
          problems: ['BODY_TOO_LARGE', 'MEDIA_TYPE_REFUSED', 'NOT_READY'],
          token: 'optional',
        }),
      },
      async (request) => {
        const policy = parseTrustPolicy(await workspace.exportPolicy())
        if (!policy.ok) throw new Problem('NOT_READY', 'The trust policy can not be used.')
        const bytes = bytesOf(request)
        return claimsFork(bytes)
          ? forkVerdict(bytes, policy.policy)
          : verifyBundle(bytes, policy.policy, { verify })
      },
    )
  })
}
