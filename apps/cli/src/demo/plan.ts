/** Which steps a run of the demo takes. */
import { type StepId, stepIds } from './step-ids.ts'

/** One step of a run. */
export interface Planned {
  readonly id: StepId
  /** It was asked for. What it needs before it is done without words. */
  readonly isShown: boolean
}

/**
 * All steps, or one and all that it needs, in the order of the demo.
 *
 * @param needs what each step needs before it; each stands before it in the order
 */
export function plan(
  only: StepId | undefined,
  needs: (id: StepId) => readonly StepId[],
): readonly Planned[] {
  if (only === undefined) return stepIds.map((id) => ({ id, isShown: true }))
  const wanted = new Set<StepId>()
  const want = (id: StepId): void => {
    wanted.add(id)
    for (const each of needs(id)) want(each)
  }
  want(only)
  return stepIds.filter((id) => wanted.has(id)).map((id) => ({ id, isShown: id === only }))
}
