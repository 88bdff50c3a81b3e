import type { Decision } from '@vaultmesh/aurora-router'
import type { Context, Failure, Handler, Outcome } from '../command.ts'
import type { routeDecideArguments } from '../commands/route.ts'
import { writeNamed } from '../files.ts'
import { asJson } from '../json.ts'
import { ageText, decideFor, dollars } from '../route.ts'
import { type Line, table, toned } from '../text.ts'

/** The failure where every offer is refused: how many for each reason. */
export function noOffer(decision: Decision): Failure | undefined {
  if (decision.chosen !== null) return undefined
  const counts = Map.groupBy(decision.candidates, ({ reasonCode }) => reasonCode ?? '')
  const reasons = [...counts].map(([code, all]) => `${all.length} ${code}`).join(', ')
  return {
    code: 'VM_NO_OFFER',
    message: `no offer will do: ${reasons === '' ? 'the catalog is empty' : reasons}`,
    hint: 'see each of them with `vm route explain`',
  }
}

/** What was decided, for people. */
export function decisionLines(decision: Decision): Line[] {
  const { chosen, costMicroUsd, inputs, ageMs } = decision
  if (chosen === null || costMicroUsd === null) return []
  const feasible = decision.candidates.filter(({ verdict }) => verdict !== 'refused').length
  return [
    [toned('good', '\u2713'), ' ', toned('strong', chosen.id)],
    ...table(
      [
        ['provider', chosen.provider],
        [
          'instance',
          `${chosen.gpus}x${chosen.gpu} in ${chosen.region}${chosen.spot ? ', spot' : ''}`,
        ],
        ['price', `${dollars(chosen.priceMicroUsd)} an hour, ${dollars(costMicroUsd)} in all`],
        ['chosen of', `${feasible} that will do, ${decision.candidates.length} in the catalog`],
        ['prices of', `${ageText(ageMs)} ago`],
        ['catalog', inputs.snapshot.hash],
        ['decision', decision.hash],
      ],
      '  ',
    ),
  ]
}

async function record(
  context: Context,
  decision: Decision,
  passphraseFile: string | undefined,
): Promise<Outcome | undefined> {
  // Without a record there is no need to load what signs.
  const { WorkspaceSink } = await import('../routing-sink.ts')
  const sink = new WorkspaceSink(context, passphraseFile)
  await sink.record(decision)
  return sink.said
}

/** `vm route decide` */
export const run: Handler<typeof routeDecideArguments> = async (context, words) => {
  const decision = await decideFor(context, words)
  const { output } = words
  if (output !== undefined) {
    await writeNamed(context, output, new TextEncoder().encode(decision.text))
  }
  const said = words.record ? await record(context, decision, words['passphrase-file']) : undefined
  const failure = noOffer(decision)
  return {
    json: {
      decision: asJson(JSON.parse(decision.text)),
      hash: decision.hash,
      ...(said === undefined ? {} : { record: said.json }),
    },
    text: [...decisionLines(decision), ...(said?.text ?? [])],
    ...(failure === undefined ? {} : { failure }),
  }
}
