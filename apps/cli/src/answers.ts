/** Answers to a template's questions, as they come from the command line. */
import type { Context } from './command.ts'
import { VmError } from './errors.ts'
import { readNamed, textOf } from './files.ts'

/** What of a question's JSON Schema says how a text is meant. */
interface Question {
  readonly type?: unknown
}

type Answer = string | number | boolean | readonly string[]

/** A text as the kind of answer that the question asks for; what does not fit stays text, and is refused later. */
function answerOf(text: string, { type }: Question): Answer {
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  if (type === 'integer' && /^-?\d{1,15}$/.test(text)) return Number(text)
  if (type === 'array') return text === '' ? [] : text.split(',')
  return text
}

/**
 * The answers that `--set KEY=VALUE` gives.
 *
 * @throws {VmError} `VM_USAGE` when one is no KEY=VALUE, or a key is set twice.
 */
export function answersOf(
  sets: readonly string[],
  questions: Readonly<Record<string, Question>>,
): Record<string, Answer> {
  const answers = new Map<string, Answer>()
  for (const set of sets) {
    const equals = set.indexOf('=')
    const key = set.slice(0, Math.max(0, equals))
    if (key === '') {
      throw new VmError('VM_USAGE', `--set is "${set}", and must be KEY=VALUE`, {
        hint: 'such as --set owner=team-payments',
      })
    }
    if (answers.has(key)) {
      throw new VmError('VM_USAGE', `--set gives "${key}" twice`, { hint: 'give it once' })
    }
    const question = Object.hasOwn(questions, key) ? questions[key] : undefined
    answers.set(key, answerOf(set.slice(equals + 1), question ?? {}))
  }
  return Object.fromEntries(answers)
}

const longestFile = 64 * 1024

/**
 * The answers in a YAML file: a mapping of question to answer, or a service's `.vm/answers.yaml`,
 * which holds one under `answers`.
 *
 * @throws {VmError} `VM_USAGE` when it is no such file.
 */
export async function readAnswers(
  context: Context,
  name: string,
): Promise<Readonly<Record<string, unknown>>> {
  const text = textOf(await readNamed(context, name, longestFile), name)
  const { parse } = await import('yaml')
  let value: unknown
  try {
    // Aliases would let a small file grow without bound.
    value = parse(text, {
      logLevel: 'error',
      maxAliasCount: 0,
      prettyErrors: false,
      schema: 'core',
      uniqueKeys: true,
    })
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new VmError('VM_USAGE', `${name} is no YAML: ${problem}`, { cause })
  }
  const answers = isMapping(value) && isMapping(value['answers']) ? value['answers'] : value
  if (isMapping(answers)) return answers
  throw new VmError('VM_USAGE', `${name} is no mapping of question to answer`, {
    hint: 'write one `question: answer` a line',
  })
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
