/** `pnpm bench`. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join, resolve } from 'node:path'
import { areas, findCase } from './cases/index.ts'
import { describeCommit, describeMachine } from './harness/machine.ts'
import type { AreaResult } from './harness/result.ts'
import { type Options, parseOptions, usage } from './options.ts'
import { buildPeers } from './peers.ts'
import { writeArea, writePage } from './report/files.ts'
import { caseTable } from './report/tables.ts'
import { type Ran, runCase } from './run-case.ts'

const root = join(import.meta.dirname, '../../..')

function progress(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** The cases to run, by area. Throws for a name that is neither an area nor a case. */
function select({ wanted, scale, json }: Options): Map<string, readonly string[]> {
  const selected = new Map<string, string[]>()
  for (const name of wanted.length === 0 ? Object.keys(areas) : wanted) {
    const whole = areas[name]
    const ids = whole?.map(({ id }) => id) ?? [findCase(name).id]
    if (whole === undefined && scale !== 'smoke' && json === undefined) {
      throw new Error(`${name} is one case of an area: the page takes whole areas, so use --json`)
    }
    for (const id of ids) {
      const area = id.split('/', 1)[0] ?? ''
      selected.set(area, [...(selected.get(area) ?? []), id])
    }
  }
  return selected
}

function say(ran: Ran, id: string, seconds: number): void {
  const words = { measured: 'ok', absent: 'absent', failed: 'FAILED' }[ran.kind]
  progress(`${words.padEnd(7)} ${id}  ${seconds.toFixed(1)} s`)
  if (ran.kind === 'absent') progress(`        ${ran.absence.why}`)
  if (ran.kind === 'failed') progress(ran.message.replaceAll(/^/gm, '        '))
}

async function runOne(id: string, options: Options): Promise<Ran> {
  const begin = performance.now()
  const ran = await runCase(id, options)
  say(ran, id, (performance.now() - begin) / 1000)
  return ran
}

/** What this machine lacks for a case. */
function missingFor(ran: Ran): readonly string[] {
  if (ran.kind === 'failed') return []
  const absences = ran.kind === 'absent' ? [ran.absence] : ran.result.absent
  return absences.filter(({ missing }) => missing).map(({ name, why }) => `${name}: ${why}`)
}

/** Each thing once and no times: two cases at once do no harm. Gives the number of failures. */
async function smoke(ids: readonly string[], options: Options): Promise<number> {
  const waiting = [...ids]
  const count = { measured: 0, absent: 0, failed: 0 }
  // As for tests: a check that is meant to run can't vanish.
  const isComplete = process.env['VAULTMESH_REQUIRE'] === 'all'
  const lane = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      const ran = await runOne(id, options)
      const missing = isComplete ? missingFor(ran) : []
      for (const line of missing) progress(`FAILED  VAULTMESH_REQUIRE=all, but ${id} lacks ${line}`)
      count[missing.length > 0 ? 'failed' : ran.kind] += 1
    }
  }
  await Promise.all([lane(), lane()])
  progress(`${count.measured} passed, ${count.failed} failed, ${count.absent} skipped`)
  return count.failed
}

function command({ wanted, scale }: Options): string {
  const flags = scale === 'full' ? ['--full'] : []
  return ['npx -y pnpm@12 bench', ...wanted, ...flags].join(' ')
}

/** One case after the other: each wants the machine for itself. Throws where one fails. */
async function measureArea(
  area: string,
  ids: readonly string[],
  options: Options,
): Promise<AreaResult> {
  const measuredAt = `${new Date().toISOString().slice(0, 19)}Z`
  const all: Ran[] = []
  for (const id of ids) {
    const ran = await runOne(id, options)
    if (ran.kind === 'failed') throw new Error(`${id} failed`)
    if (ran.kind === 'measured') process.stdout.write(`${caseTable(ran.result)}\n\n`)
    all.push(ran)
  }
  return {
    area,
    command: command(options),
    measuredAt,
    commit: describeCommit(),
    machine: describeMachine(),
    cases: all.flatMap((ran) => (ran.kind === 'measured' ? [ran.result] : [])),
    absent: all.flatMap((ran) => (ran.kind === 'absent' ? [ran.absence] : [])),
  }
}

/** Brings `dist` up to date. turbo finds the pnpm that `pnpm bench` put on the PATH. */
function buildPackages(): void {
  const args = ['run', 'build', '--filter=@vaultmesh/bench^...', '--output-logs=errors-only']
  execFileSync('turbo', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] })
}

async function main(options: Options): Promise<number> {
  const { scale, json } = options
  if (options.help) {
    process.stdout.write(usage)
    return 0
  }
  if (options.pageOnly) {
    writePage(root)
    return 0
  }
  if (options.peersOnly) {
    buildPeers().forEach(progress)
    return 0
  }
  const selected = select(options)
  if (!options.sources) buildPackages()
  if (scale === 'smoke') return (await smoke([...selected.values()].flat(), options)) > 0 ? 1 : 0

  const [load = 0] = loadavg()
  if (load > 1) progress(`load ${load.toFixed(1)}: figures are better where nothing else runs`)
  if (selected.has('tlog')) buildPeers().forEach(progress)
  const results: AreaResult[] = []
  for (const [area, ids] of selected) {
    const result = await measureArea(area, ids, options)
    results.push(result)
    if (json === undefined) writeArea(root, result)
  }
  if (json === undefined) writePage(root)
  else writeFileSync(resolve(process.env['INIT_CWD'] ?? '.', json), JSON.stringify(results))
  return 0
}

try {
  process.exitCode = await main(parseOptions(process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}
