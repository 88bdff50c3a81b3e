import type { Handler } from '../command.ts'
import type { leaseCapacityArguments } from '../commands/route.ts'
import { withLedger } from '../route.ts'
import { toned } from '../text.ts'

/** `vm route lease capacity` */
export const run: Handler<typeof leaseCapacityArguments> = async (context, words) => {
  const { offer } = words
  const units = Number(words.units)
  withLedger(context, words.ledger, (ledger) => ledger.setCapacity(offer, units))
  return {
    json: { offerId: offer, units },
    text: [[toned('good', '\u2713'), ` ${offer} has ${units}`]],
  }
}
