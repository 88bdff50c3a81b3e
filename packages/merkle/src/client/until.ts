/** Work for one caller, who may no longer want it. */
import type { TileFailure } from '../tiles/source.ts'
import { until } from '../until.ts'

/** What work gives, or ABORTED where `signal` comes first. */
export async function unlessAborted<T>(
  work: (signal: AbortSignal) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T | TileFailure> {
  const outcome = await until(work, [signal])
  if (outcome.ended === 'done') return outcome.value
  return { ok: false, code: 'ABORTED', paths: [], detail: 'the result is no longer wanted' }
}
