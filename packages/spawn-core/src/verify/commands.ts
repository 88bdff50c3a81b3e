/** The commands of the tier `test`. */
import { throwIfAborted } from '../errors.ts'
import type { Command } from '../template/verification.ts'
import { exitText, ProcessGroup, runToEnd } from './process-group.ts'
import { type Finding, fail, pass, type StepRunner } from './report.ts'

/** Where commands run, and how long each may. */
export interface CommandOptions {
  readonly directory: string
  readonly env: Readonly<Record<string, string>>
  readonly commandMs: number
  readonly signal: AbortSignal | undefined
}

async function runCommand(command: Command, options: CommandOptions): Promise<Finding> {
  throwIfAborted(options.signal)
  const text = command.join(' ')
  const group = new ProcessGroup(command, options.directory, options.env)
  const outcome = await runToEnd(group, options.commandMs, options.signal)
  throwIfAborted(options.signal)
  if (outcome.timedOut) {
    return fail(`${text} did not end within ${options.commandMs} ms\n${group.output()}`)
  }
  return outcome.code === 0 ? pass(text) : fail(`${text} ${exitText(outcome)}\n${group.output()}`)
}

/** Runs commands in order, as the steps `command.1` and on. Stops at the first that fails. */
export async function runCommands(
  runner: StepRunner,
  commands: readonly Command[],
  options: CommandOptions,
): Promise<boolean> {
  for (const [index, command] of commands.entries()) {
    const id = `command.${index + 1}`
    const finding = await runner.run(id, command.join(' '), () => runCommand(command, options))
    if (finding.status !== 'pass') {
      for (const [rest, skipped] of commands.slice(index + 1).entries()) {
        runner.skip(`command.${index + rest + 2}`, `${skipped.join(' ')}: an earlier one failed`)
      }
      return false
    }
  }
  return true
}
