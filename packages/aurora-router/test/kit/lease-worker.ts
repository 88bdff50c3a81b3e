/** A process of its own that works on a ledger which others work on as well. */

import { RouterError } from '@vaultmesh/aurora-router'
import { type Lease, Ledger } from '@vaultmesh/aurora-router/leases'
import { Random } from '@vaultmesh/aurora-router/simulate'

const [path = '', seed = '', rounds = '', offers = '', tenants = ''] = process.argv.slice(2)
const random = new Random(seed)
let now = 0
const ledger = new Ledger({ path, clock: () => now })
const mine: Lease[] = []
const codes: string[] = []

function act(round: number): void {
  now += random.below(40)
  const lease = mine[random.below(Math.max(1, mine.length))]
  const choice = random.below(5)
  if (choice < 3 || lease === undefined) {
    mine.push(
      ledger.hold({
        // Some keys are those of other processes, with other content: conflicts are part of it.
        idempotencyKey: `${seed}-${round}`.slice(random.below(8) === 0 ? -2 : 0),
        offerId: `o${random.below(Number(offers))}`,
        tenant: `t${random.below(Number(tenants))}`,
        units: 1 + random.below(3),
        costMicroUsd: random.below(5),
        ttlMs: 1 + random.below(100),
      }),
    )
  } else if (choice === 3) {
    const bound = ledger.bind(lease.id, lease.fence, `run-${round}`, 1 + random.below(100))
    mine.splice(mine.indexOf(lease), 1, bound)
  } else {
    ledger.release(lease.id, lease.fence)
  }
}

// All begin at once: starting takes each of them longer than the work does.
process.stdout.write('ready\n')
await new Promise((resolve) => process.stdin.once('data', resolve))

for (let round = 0; round < Number(rounds); round += 1) {
  try {
    act(round)
    codes.push('done')
  } catch (error) {
    if (!(error instanceof RouterError)) throw error
    codes.push(error.code)
  }
}
ledger.close()
process.stdout.write(JSON.stringify(codes))
process.stdin.destroy()
