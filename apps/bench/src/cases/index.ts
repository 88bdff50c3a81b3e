/** Every benchmark, by area. A worker loads the one that it runs, and no other's libraries. */
import type { BenchCase } from '../harness/case.ts'

/** A case that is not loaded yet. */
export interface CaseEntry {
  /** `<area>/<name>`. */
  readonly id: string
  /** It takes too long for any other run. */
  readonly only?: 'full'
  readonly load: () => Promise<BenchCase>
}

const build = () => import('./merkle/build.ts')
const append = () => import('./merkle/append.ts')
const prove = () => import('./merkle/prove.ts')
const tlog = () => import('./tlog/append.ts')
const tsp = () => import('./tsp/verify.ts')
const growth = async (size: number) => (await import('./growth.ts')).growthCase(size)
const records = () => import('./records.ts')
const route = () => import('./route/decide.ts')

/** The areas and their cases, in the order of the page. */
export const areas: Readonly<Record<string, readonly CaseEntry[]>> = {
  merkle: [
    { id: 'merkle/build-large', load: async () => (await build()).buildLarge },
    { id: 'merkle/build-small', load: async () => (await build()).buildSmall },
    { id: 'merkle/append-100k', load: async () => (await append()).append100k },
    { id: 'merkle/append-1m', only: 'full', load: async () => (await append()).append1m },
    { id: 'merkle/prove', load: async () => (await prove()).prove },
    { id: 'merkle/verify', load: async () => (await prove()).verify },
    { id: 'merkle/fsck', load: async () => (await import('./merkle/fsck.ts')).checkWholeLog },
  ],
  tlog: [
    { id: 'tlog/append-single', load: async () => (await tlog()).appendSingle },
    { id: 'tlog/append-batches', load: async () => (await tlog()).appendBatches },
    { id: 'tlog/append-concurrent', load: async () => (await tlog()).appendConcurrent },
    { id: 'tlog/append-memory', load: async () => (await import('./tlog/memory.ts')).appendMemory },
  ],
  tsp: [
    { id: 'tsp/freetsa', load: async () => (await tsp()).freetsaToken },
    { id: 'tsp/rsa-3072', load: async () => (await tsp()).rsaToken },
    { id: 'tsp/p256', load: async () => (await tsp()).ecToken },
  ],
  records: [
    { id: 'records/verify', load: async () => (await records()).verifyRecord },
    { id: 'records/sign', load: async () => (await records()).signRecord },
  ],
  route: [
    { id: 'route/10-offers', load: async () => (await route()).decide10 },
    { id: 'route/10000-offers', load: async () => (await route()).decide10k },
  ],
  server: [
    { id: 'server/route', load: async () => (await import('./server/route.ts')).routeOverHttp },
  ],
  federation: [
    {
      id: 'federation/in-sync',
      load: async () => (await import('./federation/in-sync.ts')).syncInSync,
    },
  ],
  cli: [{ id: 'cli/start', load: async () => (await import('./cli.ts')).cliStart }],
  spawn: [{ id: 'spawn/create', load: async () => (await import('./spawn.ts')).spawnCreate }],
  growth: [
    { id: 'growth/1000', load: () => growth(1e3) },
    { id: 'growth/10000', load: () => growth(1e4) },
    { id: 'growth/100000', load: () => growth(1e5) },
    { id: 'growth/1000000', load: () => growth(1e6) },
    { id: 'growth/10000000', only: 'full', load: () => growth(1e7) },
  ],
}

/** The case of an id. Throws where there is none. */
export function findCase(id: string): CaseEntry {
  const found = Object.values(areas)
    .flat()
    .find((entry) => entry.id === id)
  if (found === undefined) throw new Error(`there is no area or case ${id}`)
  return found
}
