/** Runs the very `vm` that is running now, as a process of its own. */
import type { Json } from '../command.ts'
import { VmError } from '../errors.ts'
import { asJson } from '../json.ts'
import { listAt, textAt } from './answers.ts'
import { type Child, type ChildOptions, type Ended, startChild } from './child.ts'

/** What `vm` needs besides the words. */
export interface VmOptions extends ChildOptions {
  /** Goes before Node. */
  readonly wrapper?: readonly string[]
  /** Goes between Node and the script. */
  readonly nodeParameters?: readonly string[]
  /** The exit code that is meant; 0 unless told otherwise. */
  readonly expected?: number
}

/** Starts `vm` with these words. Whoever starts it ends it. */
export function startVm(words: readonly string[], options: VmOptions): Child {
  const { wrapper = [], nodeParameters = [] } = options
  const [, script] = process.argv
  if (script === undefined) throw new VmError('VM_BUG', 'vm does not know the path of its script')
  const line = [...wrapper, process.execPath, ...process.execArgv, ...nodeParameters, script]
  const [file = process.execPath, ...parameters] = line
  return startChild(file, [...parameters, ...words], options)
}

/**
 * Runs `vm` with these words and gives the document that it prints.
 *
 * @throws {VmError} `VM_FAILED` when it ends with another exit code than the expected one.
 */
export async function runVm(words: readonly string[], options: VmOptions): Promise<Json> {
  const { expected = 0 } = options
  const child = startVm([...words, '--json', '--no-input'], options)
  child.endInput()
  const ended = await child.ended
  if (ended.exitCode !== expected) throw unexpectedEnd(words, ended, expected)
  try {
    return asJson(JSON.parse(ended.stdout))
  } catch (cause) {
    throw new VmError('VM_BUG', `\`vm ${words.join(' ')}\` printed no JSON`, { cause })
  }
}

/**
 * Works while a `vm` that serves is up; it has ended when this returns.
 *
 * @param words a command that says its URL on stderr once it listens
 * @throws {VmError} `VM_FAILED` when it ends before that.
 */
export async function whileServing<T>(
  words: readonly string[],
  options: VmOptions,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const listening = Promise.withResolvers<string>()
  const onTalk = (line: string): void => {
    const [url] = /https?:\/\/[^\s,]+/.exec(line) ?? []
    if (url !== undefined) listening.resolve(url)
  }
  const server = startVm([...words, '--no-input'], { ...options, onTalk })
  server.endInput()
  const early = server.ended.then((ended) => {
    throw unexpectedEnd(words, ended, 0)
  })
  try {
    return await work(await Promise.race([listening.promise, early]))
  } finally {
    await server.stop()
  }
}

/** What is said of a `vm` that ended as it was not meant to. */
export function unexpectedEnd(words: readonly string[], ended: Ended, expected: number): VmError {
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
