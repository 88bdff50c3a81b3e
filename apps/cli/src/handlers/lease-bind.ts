import type { Handler } from '../command.ts'
import type { leaseBindArguments } from '../commands/route.ts'
import { leaseJson, leaseLines, millisecondsOf, withOldLedger } from '../route.ts'

/** `vm route lease bind` */
export const run: Handler<typeof leaseBindArguments> = async (context, words) => {
  const { lease: id, reference } = words
  const ttlMs = millisecondsOf(words.hours)
  const lease = withOldLedger(context, words.ledger, (ledger) =>
    ledger.bind(id, Number(words.fence), reference, ttlMs),
  )
  return { json: leaseJson(lease), text: leaseLines(lease) }
}
