/** What an agent is told of a record that it made. */
import type { Recorded } from '@vaultmesh/remembrancer/workspace'
import { z } from 'zod'
import { memoryUri } from './memory-view.ts'

/** What was recorded. */
export interface RecordedView {
  readonly id: string
  readonly uri: string
  readonly origin: string
  readonly index: string
  readonly occurredAt: string
  readonly attestedAt: string
  readonly agent: string
  readonly repeated: boolean
}

/** The schema of a {@link RecordedView}. */
export const recordedSchema: z.ZodType<RecordedView, RecordedView> = z.object({
  id: z.string().describe('sha256: and 64 hex digits'),
  uri: z.string().describe('the memory as a resource'),
  origin: z.string().describe('the log that holds it'),
  index: z.string().describe('its place in the log, decimal'),
  occurredAt: z.string(),
  attestedAt: z.string().describe('RFC 3339: its signature existed no later'),
  agent: z.string().describe('in whose name it was signed'),
  repeated: z.boolean().describe('true where this key had recorded it before'),
})

/** What was recorded, and in whose name. */
export function shownRecorded(
  { id, origin, index, occurredAt, attestedAt, repeated }: Recorded,
  agent: string,
): RecordedView {
  return {
    id,
    uri: memoryUri(id),
    origin,
    index: index.toString(),
    occurredAt,
    attestedAt,
    agent,
    repeated,
  }
}

/** The schema of a key that makes a call that is repeated do its work once. */
export const idempotencyKey: z.ZodString = z
  .string()
  .regex(/^[!-~]{1,50}$/)
  .describe(
    'your own name for this, 1 to 50 visible ASCII characters: a repeated call with it gives back what the first one did',
  )

/**
 * The key under which it is kept. An agent has names of its own: it could otherwise take one that a
 * person or a pipeline is going to use.
 */
export function agentsKey(agent: string, key: string): string {
  return `agent/${agent}/${key}`
}
