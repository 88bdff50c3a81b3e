import { costMicroUsd } from '@vaultmesh/aurora-router'
import type { Handler } from '../command.ts'
import type { leaseHoldArguments } from '../commands/route.ts'
import { VmError } from '../errors.ts'
import { leaseJson, leaseLines, millisecondsOf, readCatalog, withLedger } from '../route.ts'

/** `vm route lease hold` */
export const run: Handler<typeof leaseHoldArguments> = async (context, words) => {
  const offer = (await readCatalog(context, words.catalog)).offer(words.offer)
  if (offer === undefined) {
    throw new VmError('VM_USAGE', `${words.catalog} has no offer "${words.offer}"`, {
      hint: 'see the ids with `vm route offers`',
    })
  }
  const cost = costMicroUsd(offer.priceMicroUsd, millisecondsOf(words.hours))
  const ttlMs = Number(words.ttl ?? 300n) * 1000
  const lease = withLedger(context, words.ledger, (ledger) => {
    // A capacity that an operator has stated is not replaced by the catalog's.
    if (offer.capacity !== null) ledger.assumeCapacity(offer.id, offer.capacity)
    return ledger.hold({
      idempotencyKey: words.key,
      offerId: offer.id,
      tenant: words.tenant,
      units: 1,
      costMicroUsd: cost,
      ttlMs,
    })
  })
  return { json: leaseJson(lease), text: leaseLines(lease) }
}
