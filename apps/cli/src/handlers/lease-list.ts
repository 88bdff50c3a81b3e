import type { Handler } from '../command.ts'
import type { leaseListArguments } from '../commands/route.ts'
import { dollars, leaseJson, withOldLedger } from '../route.ts'
import { columns } from '../text.ts'

/** `vm route lease list` */
export const run: Handler<typeof leaseListArguments> = async (context, { ledger: name, all }) => {
  const { budgets, capacities, leases } = withOldLedger(context, name, (ledger) => ({
    leases: ledger.leases(all ? undefined : ['hold', 'bound']),
    capacities: ledger.capacities(),
    budgets: ledger.budgets(),
  }))
  return {
    json: {
      budgets: budgets.map((each) => ({ ...each })),
      capacities: capacities.map((each) => ({ ...each })),
      leases: leases.map(leaseJson),
    },
    text: [
      ...columns(
        leases.map((each) => [
          each.state,
          each.id,
          `fence ${each.fence}`,
          each.tenant,
          dollars(each.costMicroUsd),
          each.offerId,
        ]),
      ),
      ...columns(
        capacities.map(({ offerId, units, leased }) => [
          'capacity',
          `${units - leased} of ${units} free`,
          offerId,
        ]),
      ),
      ...columns(
        budgets.map((each) => [
          'budget',
          `${dollars(each.limitMicroUsd - each.spentMicroUsd - each.heldMicroUsd)} of ${dollars(each.limitMicroUsd)} left`,
          `${dollars(each.spentMicroUsd)} spent, ${dollars(each.heldMicroUsd)} held`,
          each.tenant,
        ]),
      ),
    ],
  }
}
