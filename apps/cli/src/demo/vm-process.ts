/** Runs the very `vm` that is running now, as a process of its own. */
import type { Json } from '../command.ts'
import { VmError } from '../errors.ts'
import { asJson } from '../json.ts'
import { listAt, textAt } from './answers.ts'
import { type ChildOptions, type Ended, runChild } from './child.ts'

/** What `runVm` needs besides the words. */
export interface VmOptions extends ChildOptions {
  /** Goes before Node. */
  readonly wrapper?: readonly string[]
  /** Goes between Node and the script. */
  readonly nodeParameters?: readonly string[]
  /** The exit code that is meant; 0 unless told otherwise. */
  readonly expected?: number
}

/**
 * Runs `vm` with these words and gives the document that it prints.
 *
 * @throws {VmError} `VM_FAILED` when it ends with another exit code than the expected one.
 */
export async function runVm(words: readonly string[], options: VmOptions): Promise<Json> {
  const { wrapper = [], nodeParameters = [], expected = 0 } = options
  const [, script] = process.argv
  if (script === undefined) throw new VmError('VM_BUG', 'vm does not know the path of its script')
  const line = [...wrapper, process.execPath, ...process.execArgv, ...nodeParameters, script]
  const [file = process.execPath, ...parameters] = line
  const ended = await runChild(file, [...parameters, ...words, '--json', '--no-input'], options)
  if (ended.exitCode !== expected) throw unexpectedEnd(words, ended, expected)
  try {
    return asJson(JSON.parse(ended.stdout))
  } catch (cause) {
    throw new VmError('VM_BUG', `\`vm ${words.join(' ')}\` printed no JSON`, { cause })
  }
}

function unexpectedEnd(words: readonly string[], ended: Ended, expected: number): VmError {
  const { exitCode, stderr } = ended
  const meant = expected === 0 ? '' : ` and not ${expected}`
  const said = stderr.split('\n').flatMap((line) => /^vm: error: (.*)$/.exec(line)?.[1] ?? [])
  const why = [...said, ...failedDetails(ended.stdout)].slice(0, mostLines)
  return new VmError(
    'VM_FAILED',
    [`\`vm ${words.join(' ')}\` ended with ${exitCode}${meant}`, ...why].join('\n'),
    { hint: '`vm demo --keep` leaves its folder for you to look at' },
  )
}

const mostLines = 24

/** What the failed steps of a report say; nothing where the output is no report. */
function failedDetails(stdout: string): string[] {
  try {
    return listAt(asJson(JSON.parse(stdout)), 'steps')
      .filter((step) => textAt(step, 'status') === 'fail')
      .flatMap((step) => textAt(step, 'detail').split('\n'))
  } catch {
    return []
  }
}
