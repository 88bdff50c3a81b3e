/**
 * `node scripts/lint-template.ts`: renders a service from the template ts-fastify into a temporary
 * folder and runs the linters of its Dockerfile, workflows and manifests on it. A linter that is not
 * on the PATH is skipped by name, or fails with `VAULTMESH_REQUIRE=all`.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { run } from './lib/run.ts'
import { runSteps } from './lib/run-steps.ts'
import type { Outcome, Step } from './lib/step.ts'
import { root } from './lib/workspace.ts'

/** What is used of `@vaultmesh/spawn-core`, which the root of the workspace does not depend on. */
interface SpawnCore {
  loadTemplate(id: string): Promise<object>
  plan(input: { template: object; answers: unknown }): object
  render(plan: object): { readonly files: ReadonlyMap<string, { readonly bytes: Uint8Array }> }
}

const answers = {
  name: 'payment-service',
  description: 'Takes payments.',
  owner: '@example/payments',
}

async function renderInto(directory: string): Promise<string[]> {
  const core: SpawnCore = await import(join(root, 'packages/spawn-core/src/index.ts'))
  const template = await core.loadTemplate('ts-fastify')
  const { files } = core.render(core.plan({ template, answers }))
  for (const [path, { bytes }] of files) {
    mkdirSync(dirname(join(directory, path)), { recursive: true })
    writeFileSync(join(directory, path), bytes)
  }
  return [...files.keys()]
}

function absent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

/** A step that is one program, run in the service; skipped where there is no such program. */
function linter(name: string, [program = '', ...args]: readonly string[], cwd: string): Step {
  return {
    name,
    run: async (): Promise<Outcome> => {
      try {
        const { code, output } = await run(program, args, { cwd })
        return { ok: code === 0, output }
      } catch (error) {
        if (!absent(error)) throw error
        const output = `${program} is not on the PATH`
        return process.env['VAULTMESH_REQUIRE'] === 'all'
          ? { ok: false, output }
          : { ok: true, output, notes: [output], counts: { passed: 0, failed: 0, skipped: 1 } }
      }
    },
  }
}

function linters(directory: string, paths: readonly string[]): Step[] {
  const workflows = paths.filter((path) => path.startsWith('.github/workflows/'))
  const overlays = paths.flatMap((path) => /^deploy\/overlays\/[^/]+(?=\/kustom)/.exec(path) ?? [])
  return [
    linter('hadolint', ['hadolint', 'Dockerfile'], directory),
    linter(
      'actionlint',
      // Without its optional helpers, so that the answer is the same on every machine.
      ['actionlint', '-no-color', '-shellcheck=', '-pyflakes=', ...workflows],
      directory,
    ),
    linter(
      'zizmor',
      ['zizmor', '--offline', '--no-progress', '--color=never', '--persona=pedantic', '.'],
      directory,
    ),
    ...overlays.map((overlay) =>
      linter(`kustomize ${overlay}`, ['kubectl', 'kustomize', overlay], directory),
    ),
  ]
}

const directory = mkdtempSync(join(tmpdir(), 'vaultmesh-template-'))
try {
  const paths = await renderInto(directory)
  const { counts, failed } = await runSteps(linters(directory, paths), {
    write: (text) => process.stdout.write(text),
    now: () => performance.now(),
    budgets: new Map(),
    verbose: process.argv.includes('--verbose'),
  })
  process.stdout.write(
    `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`,
  )
  process.exitCode = failed.length > 0 ? 1 : 0
} finally {
  rmSync(directory, { recursive: true, force: true })
}
