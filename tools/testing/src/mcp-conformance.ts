/** Runs the conformance suite of the Model Context Protocol against a server. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const require = createRequire(import.meta.url)
const program = require.resolve('@modelcontextprotocol/conformance/dist/index.js')

interface Check {
  readonly id: string
  readonly status: string
  readonly errorMessage?: string
}

/** What became of a run. */
export interface ConformanceRun {
  readonly exitCode: number
  readonly output: string
  /** The names of the scenarios that were run. */
  readonly scenarios: readonly string[]
  /** The checks that passed, of all scenarios. */
  readonly passed: number
  /** Those that did not pass, as `scenario: check: why`. */
  readonly failures: readonly string[]
  /** Of some scenarios those that were not run, or have a check that did not pass, or none. */
  notPassed(names: readonly string[]): string[]
}

function readChecks(folder: string): Map<string, readonly Check[]> {
  const scenarios = new Map<string, readonly Check[]>()
  for (const name of readdirSync(folder)) {
    const scenario = /^server-(.*?)-\d{4}-\d\d-\d\dT/.exec(name)?.[1]
    if (scenario === undefined) continue
    scenarios.set(scenario, JSON.parse(readFileSync(join(folder, name, 'checks.json'), 'utf8')))
  }
  return scenarios
}

/**
 * Runs what a revision of the protocol, such as `2026-07-28`, asks of a server, in a process of its
 * own. `url` is of a host that is called localhost or 127.0.0.1.
 */
export async function mcpConformance(url: string, revision: string): Promise<ConformanceRun> {
  const folder = mkdtempSync(join(tmpdir(), 'vaultmesh-conformance-'))
  try {
    const args = [program, 'server', '--url', url, '--requirements', revision, '-o', folder]
    const options = { cwd: folder, maxBuffer: 64 * 1024 * 1024 }
    const { exitCode, output } = await new Promise<{ exitCode: number; output: string }>(
      (resolve) => {
        execFile(process.execPath, args, options, (error, stdout, stderr) => {
          const code = typeof error?.code === 'number' ? error.code : 1
          resolve({ exitCode: error === null ? 0 : code, output: stdout + stderr })
        })
      },
    )
    const scenarios = readChecks(folder)
    const failures = [...scenarios].flatMap(([scenario, checks]) =>
      checks
        .filter(({ status }) => status === 'FAILURE' || status === 'WARNING')
        .map(({ id, errorMessage = '' }) => `${scenario}: ${id}: ${errorMessage}`),
    )
    const succeeded = (checks: readonly Check[]): number =>
      checks.filter(({ status }) => status === 'SUCCESS').length
    return {
      exitCode,
      output,
      failures,
      scenarios: [...scenarios.keys()],
      passed: succeeded([...scenarios.values()].flat()),
      notPassed: (names) =>
        names.filter(
          (name) =>
            succeeded(scenarios.get(name) ?? []) === 0 ||
            failures.some((line) => line.startsWith(`${name}: `)),
        ),
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** The scenarios of 2026-07-28 that any server can be held to, whatever its tools are called. */
export const fixtureFreeScenarios: readonly string[] = [
  'tools-list',
  'resources-list',
  'prompts-list',
  'caching',
  'dns-rebinding-protection',
  'http-header-validation',
  'sep-2164-resource-not-found',
]
