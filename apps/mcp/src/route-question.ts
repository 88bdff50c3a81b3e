/** What an agent asks a router. */
import { maxDurationMs, parseRequest, problemText, type Request } from '@vaultmesh/aurora-router'
import { z } from 'zod'
import { McpError } from './errors.ts'

const amount = z.int().min(0)

/** The members of a question, as `POST /v1/route` has them. */
export const questionShape: {
  readonly tenant: z.ZodString
  readonly gpu: z.ZodString
  readonly gpus: z.ZodDefault<z.ZodInt>
  readonly durationMs: z.ZodInt
  readonly units: z.ZodOptional<z.ZodInt>
  readonly regions: z.ZodOptional<z.ZodArray<z.ZodString>>
  readonly maxPriceMicroUsd: z.ZodOptional<z.ZodInt>
  readonly budgetMicroUsd: z.ZodOptional<z.ZodInt>
  readonly maxLatencyMs: z.ZodOptional<z.ZodNumber>
  readonly minReputation: z.ZodOptional<z.ZodNumber>
  readonly spot: z.ZodOptional<z.ZodBoolean>
} = {
  tenant: z.string().min(1).max(200).describe('who pays'),
  gpu: z.string().min(1).max(100).describe('such as H100 or A100-80GB'),
  gpus: z.int().min(1).max(1024).default(1).describe('GPUs in one instance'),
  durationMs: z.int().min(1).max(maxDurationMs).describe('how long it runs, in milliseconds'),
  units: z.int().min(1).max(1_000_000).optional().describe('instances; 1 unless given'),
  regions: z.array(z.string().min(1).max(100)).max(100).optional().describe('any, unless given'),
  maxPriceMicroUsd: amount.optional().describe('the most for an instance and hour, in 1e-6 USD'),
  budgetMicroUsd: amount.optional().describe('the most for the whole run, in 1e-6 USD'),
  maxLatencyMs: z.number().min(0).max(1e9).optional(),
  minReputation: z.number().min(0).max(100).optional(),
  spot: z.boolean().optional().describe('whether an offer that can be taken back will do'),
}

/**
 * The question in a tool's arguments.
 *
 * @throws McpError REQUEST_INVALID, for what the router refuses and the schema can't say
 */
export function questionOf(values: Readonly<Record<string, unknown>>): Request {
  const given = Object.entries(values).filter(([, value]) => value !== undefined)
  const parsed = parseRequest(Object.fromEntries(given))
  if (parsed.ok) return parsed.value
  throw new McpError('REQUEST_INVALID', `The router refuses this: ${problemText(parsed.problem)}.`)
}
