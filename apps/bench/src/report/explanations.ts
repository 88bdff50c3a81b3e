/**
 * What a profile says of a target that is missed, by the target's id. It stands on the page as long
 * as the target is not met. Name the command that shows it.
 */
export const explanations: Readonly<Record<string, string>> = {
  'verify-inclusion':
    'With the same hash there is little else to save: the 20 hashes alone take about two thirds of our time (`the hashes alone` in the table of the case, `pnpm bench merkle/verify --json FILE`). What we do besides, and merkletreejs does not, is to derive the side of each hash from index and size, and to refuse hashes of another length. Against merkletreejs with the hash that it comes with, see `its own hash`.',
  'route-10':
    'About half of the time goes into writing the reasons down: the choice alone is in the same table (`pnpm bench route/10-offers --json FILE`). A scan of ten offers by hand takes as long: the index saves nothing there.',
  'route-10000':
    'Most of the time goes into `best` and what it calls: it bounds and scores offers, cheapest first, until none that is left can win, in each region apart (`node --cpu-prof apps/bench/src/worker.ts route/10000-offers normal` writes a profile for each variant). A request that takes any region looks at several times as many.',
}
