/** What the commands about routing share: files and words into the router's types. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import {
  type Decision,
  decide,
  defaultPolicy,
  formatUsd,
  maxDurationMs,
  maxSnapshotBytes,
  type Parsed,
  type Policy,
  parseRequest,
  parseSnapshot,
  parseUsd,
  policyFromYaml,
  problemText,
  type Snapshot,
} from '@vaultmesh/aurora-router'
import { type Lease, Ledger } from '@vaultmesh/aurora-router/leases'
import { withLeased } from '@vaultmesh/aurora-router/router'
import type { Context, Json, Values } from './command.ts'
import type { routeExplainArguments } from './commands/route.ts'
import { VmError } from './errors.ts'
import { readNamed } from './files.ts'
import { type Line, table } from './text.ts'

/** The value of a parser that was given `name`. @throws {VmError} `VM_USAGE` where it refused. */
export function taken<T>(read: Parsed<T>, name: string): T {
  if (read.ok) return read.value
  throw new VmError('VM_USAGE', `${name} is not taken: ${problemText(read.problem)}`, {
    hint: 'mend what the message names',
  })
}

/** The catalog in a file. */
export async function readCatalog(context: Context, name: string): Promise<Snapshot> {
  return taken(parseSnapshot(await readNamed(context, name, maxSnapshotBytes)), name)
}

/** Milliseconds of a number of hours. @throws {VmError} `VM_USAGE`. */
export function millisecondsOf(hours: string): number {
  const ms = /^[0-9]{1,5}(\.[0-9]{1,6})?$/.test(hours) ? Math.round(Number(hours) * 3_600_000) : 0
  if (ms < 1 || ms > maxDurationMs) {
    throw new VmError('VM_USAGE', `"${hours}" is no number of hours`, {
      hint: 'write hours as 2 or 0.25, at most a year',
    })
  }
  return ms
}

/** Micro-USD of an amount. @throws {VmError} `VM_USAGE`. */
export function microUsdOf(usd: string): number {
  const micro = parseUsd(usd)
  if (micro !== undefined) return micro
  throw new VmError('VM_USAGE', `"${usd}" is no amount of US dollars`, {
    hint: 'write an amount as 12 or 1.39',
  })
}

/** US dollars for people, without zeros that say nothing. */
export function dollars(micro: number): string {
  return `$${formatUsd(micro).replace(/0{1,4}$/, '')}`
}

/** A time in milliseconds since 1970; now where none is given. @throws {VmError} `VM_USAGE`. */
export function timeOf(text: string | undefined): number {
  if (text === undefined) return Date.now()
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/.test(text)
    ? Date.parse(text)
    : Number.NaN
  // Date.parse takes 30 February for a day in March.
  if (!Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text.slice(0, 19))) return ms
  throw new VmError('VM_USAGE', `"${text}" is no time`, {
    hint: 'write a time as 2026-01-31T12:00:00Z',
  })
}

/** Works on a ledger, made where there is none, and closes it whatever happens. */
export function withLedger<T>(context: Context, name: string, work: (ledger: Ledger) => T): T {
  const ledger = new Ledger({ path: resolve(context.cwd, name), clock: Date.now })
  try {
    return work(ledger)
  } finally {
    ledger.close()
  }
}

/** As {@link withLedger}, for a ledger that must be there. @throws {VmError} `VM_USAGE`. */
export function withOldLedger<T>(context: Context, name: string, work: (ledger: Ledger) => T): T {
  if (existsSync(resolve(context.cwd, name))) return withLedger(context, name, work)
  throw new VmError('VM_USAGE', `there is no ledger ${name}`, {
    hint: 'check the path; `vm route lease budget` makes a ledger',
  })
}

/** The policy in a file; the usual one where none is named. @throws {VmError} `VM_USAGE`. */
export async function policyIn(context: Context, name: string | undefined): Promise<Policy> {
  if (name === undefined) return defaultPolicy
  return taken(policyFromYaml(await readNamed(context, name, 64 * 1024)), name)
}

/** Decides as the words ask for. */
export async function decideFor(
  context: Context,
  values: Values<typeof routeExplainArguments>,
): Promise<Decision> {
  const number = (count: bigint | undefined): number | undefined =>
    count === undefined ? undefined : Number(count)
  const usd = (text: string | undefined): number | undefined =>
    text === undefined ? undefined : microUsdOf(text)
  const request = parseRequest({
    tenant: values.tenant ?? 'default',
    gpu: values.gpu,
    gpus: number(values.gpus) ?? 1,
    durationMs: millisecondsOf(values.hours),
    regions: values.region.length === 0 ? undefined : values.region,
    maxPriceMicroUsd: usd(values['max-price']),
    budgetMicroUsd: usd(values.budget),
    maxLatencyMs: number(values['max-latency-ms']),
    minReputation: number(values['min-reputation']),
    spot: values.spot,
  })
  const catalog = await readCatalog(context, values.catalog)
  const { ledger } = values
  const snapshot =
    ledger === undefined
      ? catalog
      : withLeased(
          catalog,
          withOldLedger(context, ledger, (it) => it.capacities()),
        )
  const policy = await policyIn(context, values.policy)
  return decide(
    snapshot,
    taken(request, 'the question'),
    policy,
    timeOf(values.at),
    values.seed ?? '',
  )
}

/** How old prices are, in the largest unit of which there are two or more. */
export function ageText(ms: number): string {
  const units = [
    ['days', 86_400_000],
    ['hours', 3_600_000],
    ['minutes', 60_000],
  ] as const
  const [name, size] = units.find(([, each]) => ms >= 2 * each) ?? (['seconds', 1000] as const)
  return `${Math.floor(ms / size)} ${name}`
}

/** A lease as JSON. */
export function leaseJson(lease: Lease): Json {
  return { ...lease }
}

/** A lease for people. */
export function leaseLines(lease: Lease): Line[] {
  return table([
    ['lease', lease.id],
    ['state', lease.state],
    ['offer', lease.offerId],
    ['tenant', lease.tenant],
    ['set aside', dollars(lease.costMicroUsd)],
    ...(lease.chargedMicroUsd === null
      ? ([['until', new Date(lease.expiresAt).toISOString()]] as const)
      : ([['charged', dollars(lease.chargedMicroUsd)]] as const)),
    ...(lease.reference === null ? [] : ([['runs as', lease.reference]] as const)),
    ['fence', String(lease.fence)],
  ])
}
