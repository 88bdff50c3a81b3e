import type { Handler } from '../command.ts'
import type { leaseReleaseArguments } from '../commands/route.ts'
import { leaseJson, leaseLines, microUsdOf, withOldLedger } from '../route.ts'

/** `vm route lease release` */
export const run: Handler<typeof leaseReleaseArguments> = async (context, words) => {
  const { lease: id, charged } = words
  const options = charged === undefined ? {} : { chargedMicroUsd: microUsdOf(charged) }
  const lease = withOldLedger(context, words.ledger, (ledger) =>
    ledger.release(id, Number(words.fence), options),
  )
  return { json: leaseJson(lease), text: leaseLines(lease) }
}
