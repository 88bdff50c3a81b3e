import type { Request } from '../decide/request.ts'

/** A request as a text that is the same for the same question, in whatever order it was written. */
export function questionText(request: Request, ttlMs: number, seed: string): string {
  return JSON.stringify([
    request.tenant,
    request.gpu,
    request.gpus,
    request.durationMs,
    request.units ?? 1,
    request.regions ?? null,
    request.maxPriceMicroUsd ?? null,
    request.budgetMicroUsd ?? null,
    request.maxLatencyMs ?? null,
    request.minReputation ?? null,
    request.spot ?? false,
    ttlMs,
    seed,
  ])
}
