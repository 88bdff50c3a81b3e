/**
 * `pnpm check [STEP...] [--verbose]`: runs the named steps, or all of them; `--list` names them.
 * Ends with 1 where one failed. A step over its time budget is only a warning.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readBudgets } from './lib/budgets.ts'
import { commandLine } from './lib/run.ts'
import { runSteps } from './lib/run-steps.ts'
import { root } from './lib/workspace.ts'
import { steps } from './steps/index.ts'

const write = (text: string): void => {
  process.stdout.write(text)
}

async function main(args: readonly string[]): Promise<number> {
  const names = args.filter((argument) => !argument.startsWith('--'))
  const unknown = [
    ...names.filter((name) => !steps.some((step) => step.name === name)),
    ...args.filter(
      (argument) => argument.startsWith('--') && !['--verbose', '--list'].includes(argument),
    ),
  ]
  const all = steps.map(({ name }) => name).join(' ')
  if (unknown.length > 0) {
    process.stderr.write(
      `check: unknown: ${unknown.join(' ')}\nusage: check [--verbose] [${all}]\n`,
    )
    return 2
  }
  if (args.includes('--list')) {
    write(`${all}\n`)
    return 0
  }
  const chosen = steps.filter(({ name }) => names.length === 0 || names.includes(name))
  const { failed } = await runSteps(chosen, {
    write,
    now: () => performance.now(),
    budgets: readBudgets(readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8')),
    verbose: args.includes('--verbose'),
  })
  if (failed.length > 0) write(`check: failed: ${failed.join(' ')}\n`)
  return failed.length > 0 ? 1 : 0
}

process.exitCode = await main(commandLine())
