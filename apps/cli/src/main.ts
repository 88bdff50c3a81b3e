/** One run of `vm`: read the words, call the command, print what came of it, end with its code. */
import { statSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { inspect } from 'node:util'
import type { Command, Context, Outcome } from './command.ts'
import { exitCodeOf, failureOf, interruptionOf, VmError } from './errors.ts'
import { type ExitCode, exitCodes } from './exit-codes.ts'
import { commandPage, overview } from './help.ts'
import { hiddenPrompt, readAll } from './input.ts'
import { interruption } from './interrupt.ts'
import { asJson } from './json.ts'
import { Output, wantsColour } from './output.ts'
import { commands } from './registry.ts'
import { parse } from './yargs.ts'

/** Runs the words of the process and sets its exit code. */
export async function main(): Promise<void> {
  quietBrokenPipe()
  const words = process.argv.slice(2)
  const output = new Output(outputSettings(words), process.stdout, process.stderr)
  const signal = interruption()
  try {
    process.exitCode = await run(words, output, signal)
  } catch (error) {
    const failure = signal.aborted ? interruptionOf(signal.reason, error) : failureOf(error)
    process.exitCode = exitCodeOf(failure.code)
    output.failure(failure, process.exitCode)
    if (process.env['VM_DEBUG'] === '1') output.stack(inspect(error))
  }
}

async function run(
  words: readonly string[],
  output: Output,
  signal: AbortSignal,
): Promise<ExitCode> {
  const request = parse(words, commands)
  if (request.kind === 'help') {
    output.outcome(helpOf(request.path))
    return exitCodes.done
  }
  const { command, values, shared } = request
  const context: Context = {
    cwd: workingFolder(shared.cwd),
    env: process.env,
    signal,
    talk: output,
    askHidden: shared['no-input'] ? undefined : hiddenPrompt(process.stdin, process.stderr, signal),
    readInput: (limit) => readAll(process.stdin, limit, signal),
  }
  const handler = await command.load()
  signal.throwIfAborted()
  const outcome = await handler.run(context, values)
  output.outcome(outcome)
  return outcome.failure === undefined ? exitCodes.done : exitCodeOf(outcome.failure.code)
}

function helpOf(path: readonly string[]): Outcome {
  const command = commands.find((each) => each.path.join(' ') === path.join(' '))
  const shown = commands.filter((each) => path.every((word, index) => each.path[index] === word))
  return {
    json: shown.map(describe),
    text:
      command === undefined
        ? overview(commands, path)
        : commandPage(
            command,
            shown.filter((each) => each !== command),
          ),
  }
}

function describe(command: Command): Outcome['json'] {
  const { path, group, summary, status, description = [], examples } = command
  const taken = asJson(command.arguments)
  return { arguments: taken, description, examples, group, path, status, summary }
}

/** How to print is read from the words first, so that errors in the rest are printed as asked. */
function outputSettings(words: readonly string[]): ConstructorParameters<typeof Output>[0] {
  const end = words.indexOf('--')
  const before = end === -1 ? words : words.slice(0, end)
  return {
    json: before.includes('--json'),
    quiet: before.includes('--quiet'),
    colour: wantsColour(before.includes('--no-color'), process.env),
  }
}

function workingFolder(asked: string | undefined): string {
  const folder = resolve(asked ?? '.')
  if (asked === undefined || statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) {
    return folder
  }
  throw new VmError('VM_USAGE', `--cwd names no folder: ${folder}`, {
    hint: 'name a folder that exists',
  })
}

/** A reader that went away (`vm … | head`) is no failure, and there is nobody left to tell. */
function quietBrokenPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit()
      // Not through the streams: one of them is what failed.
      writeSync(2, `vm: error: the output can not be written: ${error.code} [VM_SYSTEM]\n`)
      process.exit(exitCodes.failure)
    })
  }
}
