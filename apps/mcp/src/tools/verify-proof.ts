import type { McpServer } from '@modelcontextprotocol/server'
import { decodeBase64, encodeUtf8 } from '@vaultmesh/merkle/bytes'
import { nodeVerifyEd25519 } from '@vaultmesh/merkle/node'
import { parseTrustPolicy, type TrustPolicy, verifyBundle } from '@vaultmesh/remembrancer/verify'
import { z } from 'zod'
import type { McpDependencies, Memory } from '../dependencies.ts'
import { McpError } from '../errors.ts'
import { maxProof } from '../limits.ts'
import { addTool, readOnly } from '../tool.ts'
import { notice, visible, warning } from '../untrusted.ts'

const input = z.strictObject({
  proof: z
    .string()
    .max(maxProof)
    .describe('the text of a .vmproof.json file exactly as it is, or base64 of its bytes'),
})

const output = z.object({
  notice: z.string(),
  ok: z.boolean().describe('only then is the record to be believed, as far as the policy goes'),
  checks: z.array(
    z.object({
      id: z.string(),
      status: z.enum(['pass', 'fail', 'missing', 'untrusted', 'warn', 'skipped']),
      detail: z.string(),
      reference: z.string(),
    }),
  ),
  warnings: z.array(z.string()).describe('what holds but is weak'),
  record: z
    .object({
      id: z.string(),
      kind: z.string(),
      namespace: z.string(),
      title: z.string(),
      occurredAt: z.string().describe('as the writer says'),
      attestedAt: z.string().optional(),
      origin: z.string().optional(),
      index: z.string().optional(),
    })
    .optional(),
})

/** UTF-16 units of the origin that a proof claims; no policy knows a longer one. */
const maxOrigin = 512

/** The bytes of a proof. @throws McpError PROOF_UNREADABLE */
function bytesOf(proof: string): Uint8Array {
  // A bundle is canonical JSON, so that its first byte is a brace, which base64 has not.
  const bytes = proof.startsWith('{') ? encodeUtf8(proof) : decodeBase64(proof)
  if (bytes !== undefined && bytes.length > 0) return bytes
  throw new McpError(
    'PROOF_UNREADABLE',
    'This is neither the text of a proof, which begins with {, nor padded base64. Give the file as it is, without a code fence around it.',
  )
}

async function policyOf(memory: Memory): Promise<TrustPolicy> {
  const parsed = parseTrustPolicy(await memory.exportPolicy())
  if (parsed.ok) return parsed.policy
  throw new Error(parsed.problems.join('; '))
}

/** Adds `verify_proof`. */
export function verifyProof(server: McpServer, dependencies: McpDependencies): void {
  const { memory } = dependencies
  addTool(server, dependencies, {
    name: 'verify_proof',
    title: 'Verify a proof',
    description: `Verifies a proof bundle (.vmproof.json) against the trust policy of this workspace: signatures, time tokens, inclusion in a log, witnesses. Uses no network and believes nothing that the proof says of itself. ${warning}`,
    annotations: readOnly,
    input,
    output,
    async run({ proof }) {
      const bytes = bytesOf(proof)
      const options = { verify: nodeVerifyEd25519 }
      const { ok, checks, warnings, record } = await verifyBundle(
        bytes,
        await policyOf(memory),
        options,
      )
      return {
        notice,
        ok,
        checks: checks.map((check) => ({ ...check, detail: visible(check.detail) })),
        warnings: warnings.map(visible),
        ...(record === undefined
          ? {}
          : {
              record: {
                id: record.id,
                kind: record.kind,
                namespace: record.namespace,
                title: visible(record.title),
                occurredAt: record.occurredAt,
                ...(record.attestedAt === undefined ? {} : { attestedAt: record.attestedAt }),
                ...(record.origin === undefined
                  ? {}
                  : { origin: visible(record.origin.slice(0, maxOrigin)) }),
                ...(record.index === undefined ? {} : { index: record.index }),
              },
            }),
      }
    },
  })
}
