import { type Candidate, criteria } from '@vaultmesh/aurora-router'
import type { Handler } from '../command.ts'
import type { routeExplainArguments } from '../commands/route.ts'
import { asJson } from '../json.ts'
import { decideFor } from '../route.ts'
import { columns, type Line } from '../text.ts'
import { noOffer } from './route-decide.ts'

/** Millionths as a part of 1, with three digits. */
function part(millionths: number): string {
  return (millionths / 1_000_000).toFixed(3)
}

function scores({ verdict, score, utilities, offerId }: Candidate): string[] {
  const parts = criteria.map((each) => `${each} ${part(utilities?.[each] ?? 0)}`)
  return [verdict === 'chosen' ? '\u2713' : ' ', part(score ?? 0), ...parts, offerId]
}

/** `vm route explain` */
export const run: Handler<typeof routeExplainArguments> = async (context, words) => {
  const decision = await decideFor(context, words)
  const feasible = decision.candidates
    .filter(({ score }) => score !== null)
    .toSorted((one, other) => {
      if (one.verdict !== other.verdict) return one.verdict === 'chosen' ? -1 : 1
      return (other.score ?? 0) - (one.score ?? 0)
    })
  const refused = decision.candidates.filter(({ verdict }) => verdict === 'refused')
  const lines: Line[] = [
    ...columns(feasible.map(scores)),
    ...columns(refused.map(({ offerId, reasonCode }) => ['\u2717', reasonCode ?? '', offerId])),
  ]
  const failure = noOffer(decision)
  return {
    json: { decision: asJson(JSON.parse(decision.text)), hash: decision.hash },
    text: lines,
    ...(failure === undefined
      ? {}
      : { failure: { ...failure, hint: 'relax what the reasons name' } }),
  }
}
