/** Choosing an offer for a request, with and without a reason for every other. */
import { deepStrictEqual } from 'node:assert/strict'
import { createSnapshot, decide, type Offer, type Request } from '@vaultmesh/aurora-router'
import type { BenchCase, CallVariant, Scale } from '../../harness/case.ts'
import type { Absence } from '../../harness/result.ts'
import { clock, type MarketSize, makeMarket, policy, takenAt } from './market.ts'
import { scan, scanWithReasons } from './scan.ts'

const noPeer: Absence = {
  name: 'a package of npm',
  why: 'none is known to us that chooses among GPU offers by price, latency, reputation and free capacity, and says of each why not',
}

// What was made is kept until the next, or a compiler might not make it.
const kept: { last: unknown } = { last: undefined }

/** One operation: a decision for each request, one after the other. Gives the chosen ids. */
function decideAll(
  requests: readonly Request[],
  choose: (request: Request) => Offer | null,
): () => readonly string[] {
  return () => requests.map((request) => choose(request)?.id ?? 'none')
}

function routeCase(
  title: string,
  sizes: Readonly<Record<'smoke' | 'whole', MarketSize>>,
  subject: string,
): BenchCase {
  return {
    title,
    async prepare({ scale }: { readonly scale: Scale }) {
      const size = sizes[scale === 'smoke' ? 'smoke' : 'whole']
      const { offers, requests } = makeMarket(size)
      const snapshot = createSnapshot({ version: 'bench', takenAt, offers })
      const ageMs = clock - snapshot.takenAtMs
      const ask = (request: Request) => ({ offers: snapshot.offers, request, policy, ageMs })
      for (const request of requests) {
        const { candidates } = decide(snapshot, request, policy, clock, '')
        deepStrictEqual(scanWithReasons(ask(request)).candidates, candidates)
      }

      const variant = (
        name: string,
        note: string,
        choose: (request: Request) => Offer | null,
      ): CallVariant => ({
        kind: 'call',
        name,
        role: name.startsWith('ours') ? 'ours' : 'peer',
        note,
        run: decideAll(requests, choose),
        result: String,
      })
      return {
        input: `${size.offers.toLocaleString('en')} offers of ${size.providers} providers (kinds of GPU: ${size.gpus}, regions: ${size.regions}); ${size.requests} different requests, one after the other, in memory, on one thread. A quarter of the requests takes any region, the others one or two. Offers and requests come from a seed.`,
        items: { count: requests.length, name: 'decisions' },
        isIsolated: true,
        subject,
        variants: [
          variant(
            'ours, the choice',
            '`decide`: the reasons are not written down until they are asked for',
            (request) => {
              const decision = decide(snapshot, request, policy, clock, '')
              kept.last = decision
              return decision.chosen
            },
          ),
          variant(
            'ours, all reasons',
            '`decide` and its `candidates`: verdict, reason, utilities and score of every offer',
            (request) => {
              const decision = decide(snapshot, request, policy, clock, '')
              kept.last = decision.candidates
              return decision.chosen
            },
          ),
          variant(
            'naive scan, the choice',
            'every offer is looked at, and what is feasible is scored: no index, no bound, no reasons',
            (request) => scan(ask(request)),
          ),
          variant('naive scan, all reasons', 'the same, with the same reasons', (request) => {
            const { chosen, candidates } = scanWithReasons(ask(request))
            kept.last = candidates
            return chosen
          }),
        ],
        absent: [noPeer],
        notes: [
          'Before anything is timed, the scan and `decide` have given every offer the same verdict, reason, utilities and score, for every request.',
          'The naive scan is ours, and written for this page; to build the index of a snapshot is not timed, nor is its digest.',
        ],
      }
    },
  }
}

/** Ten providers with an offer each, and all reasons. */
export const decide10: BenchCase = routeCase(
  'Route a request: 10 offers, with all reasons',
  {
    smoke: { offers: 10, providers: 10, gpus: 1, regions: 2, requests: 4 },
    whole: { offers: 10, providers: 10, gpus: 1, regions: 2, requests: 64 },
  },
  'ours, all reasons',
)

/** Ten thousand offers, where the reasons are written down when they are asked for. */
export const decide10k: BenchCase = routeCase(
  'Route a request: 10,000 offers',
  {
    smoke: { offers: 200, providers: 20, gpus: 4, regions: 3, requests: 4 },
    whole: { offers: 10_000, providers: 100, gpus: 8, regions: 10, requests: 64 },
  },
  'ours, the choice',
)
