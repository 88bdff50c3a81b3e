/** Shows that a spawned service is what was signed, and that it works. */
import { resolve } from 'node:path'
import { commandEnvironment, type Environment } from '../environment.ts'
import { SpawnError } from '../errors.ts'
import type { ManifestVerifier } from '../manifest/envelope.ts'
import type { Verification } from '../template/verification.ts'
import { runCommands } from './commands.ts'
import {
  type Differences,
  few,
  type StepObserver,
  StepRunner,
  type VerifyReport,
  type VerifyTier,
} from './report.ts'
import { compareSnapshots, takeSnapshot } from './snapshot.ts'
import { type StaticOutcome, verifyStatic } from './static.ts'

/** How long things may take, in milliseconds. */
export interface VerifyDeadlines {
  /** Each command; ten minutes by default. */
  readonly commandMs?: number
  /** From start to healthy, and to ready; 30 s by default. */
  readonly startMs?: number
  /** From SIGTERM to the end; 30 s by default. */
  readonly drainMs?: number
}

/** What {@link verify} needs. */
export interface VerifyOptions extends StepObserver {
  /** The folder of the service. */
  readonly directory: string
  /** `test` does what `static` does, then runs the service's own commands. */
  readonly tier: VerifyTier
  /** Keys whose signature of the manifest counts. */
  readonly keys?: readonly ManifestVerifier[] | undefined
  /** Runs the commands of the repository whoever wrote them. */
  readonly trust?: boolean | undefined
  readonly signal?: AbortSignal | undefined
  /** The environment of which commands get a part; by default this process's. */
  readonly env?: Environment | undefined
  readonly deadlines?: VerifyDeadlines | undefined
}

/** Refuses to run what nobody whom the caller trusts has signed. */
function requireTrust({ signed, differences }: StaticOutcome): void {
  if (!signed) {
    throw new SpawnError(
      'UNTRUSTED_MANIFEST',
      'The tier "test" runs commands that this repository names, and no trusted key signed its manifest. Read the repository; then say that you trust it, or give the key of who made it.',
    )
  }
  const { changed, missing, added } = differences
  const differing = [...changed, ...missing, ...added]
  if (differing.length > 0) {
    throw new SpawnError(
      'UNTRUSTED_MANIFEST',
      `The tier "test" runs the code of this repository, and these files are not as they were signed: ${few(differing)}. Read them; then say that you trust the repository.`,
    )
  }
}

async function verifyTest(
  runner: StepRunner,
  verification: Verification,
  options: VerifyOptions,
  directory: string,
): Promise<void> {
  const { signal, deadlines, env = process.env } = options
  const { commandMs = 600_000, startMs = 30_000, drainMs = 30_000 } = deadlines ?? {}
  const commandEnv = commandEnvironment(env)
  const before = await takeSnapshot(directory, env, signal)
  const done = await runCommands(runner, verification.test, {
    directory,
    env: commandEnv,
    commandMs,
    signal,
  })
  if (verification.run !== undefined && done) {
    const run = verification.run
    // Loaded here, because `node:http` takes a while and a spawn has no use for it.
    const { verifyService } = await import('./service.ts')
    await verifyService(runner, { directory, run, env: commandEnv, startMs, drainMs, signal })
  } else if (verification.run !== undefined) {
    for (const id of ['start', 'ready', 'metrics', 'drain']) {
      runner.skip(`service.${id}`, 'a command failed')
    }
  }
  await runner.run('tree.clean', 'files that git sees', async () =>
    compareSnapshots(before, await takeSnapshot(directory, env, signal)),
  )
}

/**
 * Verifies a spawned service. What is wrong with it is in the report, not thrown.
 *
 * The tier `test` installs, builds, tests and starts what is in the folder. It does so only when a
 * trusted key signed the manifest and every file is as signed, or with `trust`; otherwise it throws
 * `UNTRUSTED_MANIFEST`. Commands get no secrets of the environment, run in a process group of their
 * own, and are ended with all their children at the deadline or when the signal aborts. Throws
 * `ABORTED` then; `GIT_MISSING` or `GIT_FAILED` where the tier `test` can't list the files.
 */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const directory = resolve(options.directory)
  const { tier, keys = [], env = process.env, signal } = options
  const runner = new StepRunner(options)
  const outcome = await verifyStatic(runner, { directory, keys, env, signal })
  const report = (ok: boolean, differences: Differences): VerifyReport => ({
    ok: ok && runner.ok,
    tier,
    steps: runner.steps,
    differences,
  })
  if (tier === 'static' || outcome.manifest === undefined) return report(true, outcome.differences)
  if (options.trust !== true) {
    if (outcome.signed && !runner.ok) {
      runner.skip('command.1', 'the files are not as they were signed, so nothing was run')
      return report(false, outcome.differences)
    }
    requireTrust(outcome)
  }
  await verifyTest(runner, outcome.manifest.verify, options, directory)
  return report(true, outcome.differences)
}
