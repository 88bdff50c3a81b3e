/** What the project promises of its speed, and how a run is held to it. */
import type { AreaResult, CaseResult, VariantResult } from '../harness/result.ts'
import { differenceOf, type Estimate, perSecond, ratioOf } from '../harness/statistics.ts'
import { extra, rate, times } from './format.ts'

/**
 * `speedup`: `other` takes at least `bound` times as long as `ours`. `cost`: `ours` takes at most
 * `bound` times as long as `other`. `extra`: `ours` takes at most `bound` milliseconds more. `rate`:
 * `ours` handles at least `bound` of the case's items in a second, on whatever machine it was.
 */
type TimeMeasure = { readonly case: string; readonly ours: string; readonly bound: number } & (
  | { readonly kind: 'speedup' | 'cost' | 'extra'; readonly other: string }
  | { readonly kind: 'rate' }
)

/** `shown`: the case fails unless it holds, and has a figure that says what was seen. */
interface ShownMeasure {
  readonly kind: 'shown'
  readonly case: string
  readonly figure: string
}

type Measure = TimeMeasure | ShownMeasure

/** A promise. */
export interface Target {
  readonly id: string
  readonly job: string
  readonly goal: string
  /** Why there is no measure, where it is not that the job does not exist yet. */
  readonly why?: string
  /** Absent where there is nothing to measure yet. */
  readonly measure?: Measure
}

/** Whether a promise holds. `uncertain`: the confidence interval lies on both sides of the bound. */
export type Standing = 'met' | 'missed' | 'uncertain' | 'not measured' | 'planned'

/** A target, and what a run says of it. */
export interface Judged {
  readonly target: Target
  readonly standing: Standing
  readonly measured: string
}

const build = 'build a 2^20-leaf tree of 256-byte entries'
const single = 'durable append (*sequenced*), one at a time'
const spawn = '`vm spawn` of 40+ files with git commit'
const routing = 'a routing decision with reasons'

/** The targets, in the order of the page. */
export const targets: readonly Target[] = [
  {
    id: 'build-crypto-hash',
    job: build,
    goal: '4× `crypto.hash`',
    measure: {
      case: 'merkle/build-large',
      ours: 'ours',
      other: 'crypto.hash',
      kind: 'speedup',
      bound: 4,
    },
  },
  {
    id: 'build-noble',
    job: build,
    goal: '5× noble',
    measure: {
      case: 'merkle/build-large',
      ours: 'ours',
      other: 'noble',
      kind: 'speedup',
      bound: 5,
    },
  },
  {
    id: 'build-merkletreejs',
    job: build,
    goal: '6× merkletreejs',
    measure: {
      case: 'merkle/build-large',
      ours: 'ours',
      other: 'merkletreejs',
      kind: 'speedup',
      bound: 6,
    },
  },
  {
    id: 'build-openzeppelin',
    job: 'the same of 2^13 leaves',
    goal: '80× @openzeppelin/merkle-tree',
    measure: {
      case: 'merkle/build-small',
      ours: 'ours',
      other: '@openzeppelin/merkle-tree',
      kind: 'speedup',
      bound: 80,
    },
  },
  {
    id: 'append-100k',
    job: 'append one leaf at 100k and give the root',
    goal: '10,000× merkletreejs',
    measure: {
      case: 'merkle/append-100k',
      ours: 'ours',
      other: 'merkletreejs',
      kind: 'speedup',
      bound: 10_000,
    },
  },
  {
    id: 'verify-inclusion',
    job: 'verify an inclusion proof',
    goal: '2× merkletreejs, same tree size and hash',
    measure: {
      case: 'merkle/verify',
      ours: 'ours, crypto.hash',
      other: 'merkletreejs, crypto.hash',
      kind: 'speedup',
      bound: 2,
    },
  },
  {
    id: 'append-durable',
    job: single,
    goal: 'p50 at most 1.5× one `fdatasync` of the same bytes',
    measure: {
      case: 'tlog/append-single',
      ours: 'sequenced',
      other: 'fdatasync',
      kind: 'cost',
      bound: 1.5,
    },
  },
  {
    id: 'append-batches',
    job: 'the same in batches of 256',
    goal: '100× the rate of one at a time',
    measure: {
      case: 'tlog/append-batches',
      ours: 'batches of 256',
      other: 'one at a time',
      kind: 'speedup',
      bound: 100,
    },
  },
  {
    id: 'timestamp-rsa',
    job: 'verify an RFC 3161 token (FreeTSA, RSA-4096)',
    goal: '2× a spawned `openssl ts -verify`',
    measure: {
      case: 'tsp/freetsa',
      ours: 'ours',
      other: 'openssl ts -verify',
      kind: 'speedup',
      bound: 2,
    },
  },
  {
    id: 'record-verify',
    job: 'verify an Ed25519 record',
    goal: '10× a spawned `gpg --verify`',
    measure: {
      case: 'records/verify',
      ours: 'ours',
      other: 'gpg --verify',
      kind: 'speedup',
      bound: 10,
    },
  },
  {
    id: 'cli-version',
    job: '`vm --version`',
    goal: 'bare Node + 10 ms',
    measure: {
      case: 'cli/start',
      ours: 'vm --version',
      other: 'bare Node',
      kind: 'extra',
      bound: 10,
    },
  },
  {
    id: 'cli-help',
    job: '`vm --help`',
    goal: 'bare Node + 60 ms',
    measure: { case: 'cli/start', ours: 'vm --help', other: 'bare Node', kind: 'extra', bound: 60 },
  },
  {
    id: 'spawn-floor',
    job: spawn,
    goal: 'at most 2.5× the floor (start Node, write the same files, git init and commit)',
    measure: {
      case: 'spawn/create',
      ours: 'vm spawn create',
      other: 'floor',
      kind: 'cost',
      bound: 2.5,
    },
  },
  {
    id: 'spawn-peers',
    job: spawn,
    goal: 'faster than copier, cookiecutter, yeoman and plop on the same corpus',
    why: 'our template is not translated for them yet',
  },
  {
    id: 'route-10',
    job: `${routing}, 10 providers`,
    goal: '1M/s per core, in process',
    measure: { case: 'route/10-offers', ours: 'ours, all reasons', kind: 'rate', bound: 1e6 },
  },
  {
    id: 'route-10000',
    job: `${routing}, 10,000 offers (reasons when asked for)`,
    goal: '500k/s per core, in process',
    measure: { case: 'route/10000-offers', ours: 'ours, the choice', kind: 'rate', bound: 5e5 },
  },
  {
    id: 'route-http',
    job: '`POST /v1/route` with a durable lease',
    goal: '80 % of a bare Fastify POST with the same schema',
    measure: {
      case: 'server/route',
      ours: 'ours',
      other: 'bare Fastify',
      kind: 'speedup',
      bound: 0.8,
    },
  },
  {
    id: 'federation',
    job: 'federation, in sync',
    goal: 'one request, 304, O(1) bytes',
    measure: { case: 'federation/in-sync', kind: 'shown', figure: 'over the wire' },
  },
]

function standingOf(estimate: Estimate, bound: number, atLeast: boolean): Standing {
  const [worst, best] = atLeast ? [estimate.low, estimate.high] : [estimate.high, estimate.low]
  const holds = (value: number) => (atLeast ? value >= bound : value <= bound)
  if (holds(worst)) return 'met'
  return holds(best) ? 'uncertain' : 'missed'
}

function seriesOf(found: CaseResult | undefined, name: string): VariantResult | undefined {
  return found?.variants.find((variant) => variant.name === name)
}

type Verdict = Pick<Judged, 'standing' | 'measured'>

function judgeShown({ figure }: ShownMeasure, found: CaseResult | undefined): Verdict | undefined {
  const seen = found?.figures.find(({ name }) => name === figure)
  return seen && { standing: 'met', measured: seen.value }
}

function judgeTime(measure: TimeMeasure, found: CaseResult | undefined): Verdict | undefined {
  const ours = seriesOf(found, measure.ours)
  if (found === undefined || ours === undefined) return undefined
  const { bound } = measure
  if (measure.kind === 'rate') {
    const estimate = perSecond(ours, found.items?.count ?? 1)
    return { standing: standingOf(estimate, bound, true), measured: rate(estimate) }
  }
  const other = seriesOf(found, measure.other)
  if (other === undefined) {
    const absence = found.absent.find(({ name }) => name === measure.other)
    return absence && { standing: 'not measured', measured: absence.why }
  }
  if (measure.kind === 'extra') {
    const estimate = differenceOf(ours, other)
    return { standing: standingOf(estimate, bound, false), measured: extra(estimate) }
  }
  const isSpeedup = measure.kind === 'speedup'
  const estimate = isSpeedup ? ratioOf(other, ours) : ratioOf(ours, other)
  return { standing: standingOf(estimate, bound, isSpeedup), measured: times(estimate) }
}

/** Holds one target to the results. */
export function judge(target: Target, areas: readonly AreaResult[]): Judged {
  const { measure, why = 'it does not exist yet' } = target
  if (measure === undefined) return { target, standing: 'planned', measured: why }
  const found = areas.flatMap(({ cases }) => cases).find(({ id }) => id === measure.case)
  const verdict = measure.kind === 'shown' ? judgeShown(measure, found) : judgeTime(measure, found)
  return { target, ...(verdict ?? { standing: 'not measured', measured: 'it could not run' }) }
}
