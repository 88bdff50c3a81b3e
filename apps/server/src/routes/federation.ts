/** What this node of a federation knows, for those who operate it. */
import type { Federation } from '@vaultmesh/federation/node'
import type { FastifyInstance } from 'fastify'
import { reading } from '../http/authorise.ts'
import { decimal, objectOf, type Schema } from '../schemas/common.ts'
import { schemaOf } from '../schemas/operation.ts'

const text: Schema = { type: 'string' }
const flag: Schema = { type: 'boolean' }

const log = objectOf(
  {
    origin: text,
    role: { type: 'string', enum: ['own', 'mirror'] },
    isShared: flag,
    size: { ...decimal, description: 'Absent where there is no head yet' },
    trustedSize: { ...decimal, description: 'How many entries are trusted, by all evidence' },
    isQuarantined: flag,
    forkProofs: { type: 'array', items: text, description: 'Their ids, by SHA-256' },
    cosignedSize: decimal,
    problem: text,
  },
  ['origin', 'role', 'isShared', 'trustedSize', 'isQuarantined', 'forkProofs'],
)

const peer = objectOf({ name: text, location: text, lastSuccess: text, lastFailure: text }, [
  'name',
  'location',
])

const answer = objectOf({
  name: text,
  frontier: { type: 'string', description: 'The commitment to all that is known, in hex' },
  logs: { type: 'array', items: log },
  peers: { type: 'array', items: peer },
})

/** `/v1/federation` */
export function addFederationStatus(app: FastifyInstance, node: Federation): void {
  app.get(
    '/v1/federation',
    {
      config: { access: reading('federation') },
      schema: schemaOf({
        id: 'getFederation',
        tag: 'federation',
        summary: 'Say what this node knows of its logs and peers',
        answers: { 200: { description: 'What it knows', schema: answer } },
        problems: ['NOT_READY'],
        token: 'optional',
      }),
    },
    async () => {
      const { name, frontier, logs, peers } = await node.status()
      return {
        name,
        frontier,
        logs: logs.map(({ head, trustedSize, cosignedSize, ...rest }) => ({
          ...rest,
          ...(head === undefined ? {} : { size: head.size.toString() }),
          trustedSize: trustedSize.toString(),
          ...(cosignedSize === undefined ? {} : { cosignedSize: cosignedSize.toString() }),
        })),
        peers: peers.map(({ lastSuccess, lastFailure, ...rest }) => ({
          ...rest,
          ...(lastSuccess === undefined ? {} : { lastSuccess: lastSuccess.toISOString() }),
          ...(lastFailure === undefined ? {} : { lastFailure: lastFailure.at.toISOString() }),
        })),
      }
    },
  )
}
