import type { Handler } from '../command.ts'
import type { leaseBudgetArguments } from '../commands/route.ts'
import { dollars, microUsdOf, withLedger } from '../route.ts'
import { toned } from '../text.ts'

/** `vm route lease budget` */
export const run: Handler<typeof leaseBudgetArguments> = async (context, words) => {
  const { tenant } = words
  const limitMicroUsd = microUsdOf(words.usd)
  withLedger(context, words.ledger, (ledger) => ledger.setBudget(tenant, limitMicroUsd))
  return {
    json: { limitMicroUsd, tenant },
    text: [[toned('good', '\u2713'), ` ${tenant} may spend ${dollars(limitMicroUsd)}`]],
  }
}
