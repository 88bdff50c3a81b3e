/** The answers to a template's questions. */
import { type Schema, Validator } from '@cfworker/json-schema'
import { SpawnError } from './errors.ts'
import { byCodeUnit, isMembers } from './json.ts'
import { labelProblem, show, textProblem } from './names.ts'
import type { TemplateDefinition } from './template/definition.ts'

/** An answer to one question. */
export type Answer = string | number | boolean | readonly string[]

/** Answers by question; `name` is always among them. */
export type Answers = Readonly<Record<string, Answer>> & { readonly name: string }

function isAnswer(value: unknown): value is Answer {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  if (Array.isArray(value)) {
    return value.length <= 64 && value.every((item: unknown) => typeof item === 'string')
  }
  return typeof value === 'string' || typeof value === 'boolean'
}

function answerProblem(answer: Answer, schema: Schema): string | undefined {
  for (const text of typeof answer === 'object' ? answer : [answer]) {
    const problem = typeof text === 'string' ? textProblem(text) : undefined
    if (problem !== undefined) return problem
  }
  const { errors } = new Validator(schema, '2020-12', false).validate(answer)
  return errors[0] && `${show(String(answer))} is refused: ${errors[0].error}`
}

function parseName(value: unknown): string {
  const problem = typeof value === 'string' ? labelProblem(value) : 'it is not given'
  if (typeof value === 'string' && problem === undefined) return value
  const shown = typeof value === 'string' ? ` ${show(value)}` : ''
  throw new SpawnError(
    'NAME_INVALID',
    `The name${shown} can't be used: ${problem}. A name is an RFC 1123 label, such as payment-service: 1 to 63 of a-z, 0-9 and "-", and "-" neither first nor last.`,
  )
}

/**
 * Checks answers against a template's questions and fills in the defaults. The result is sorted by
 * name and frozen.
 *
 * Throws `NAME_INVALID`, or `ANSWERS_INVALID` with everything that is wrong.
 */
export function parseAnswers(input: unknown, questions: TemplateDefinition['questions']): Answers {
  if (!isMembers(input)) {
    throw new SpawnError('ANSWERS_INVALID', 'The answers must be a mapping of question to answer.')
  }
  const name = parseName(Object.hasOwn(input, 'name') ? input['name'] : undefined)
  const asked = questions.properties
  const problems: string[] = []
  for (const key of Object.keys(input)) {
    if (!Object.hasOwn(asked, key)) {
      const known = Object.keys(asked).join(', ')
      problems.push(`${show(key)} is no question of this template (these are: ${known})`)
    }
  }
  const answers: Record<string, Answer> = {}
  for (const key of Object.keys(asked).sort(byCodeUnit)) {
    const schema = asked[key] ?? {}
    const value: unknown = Object.hasOwn(input, key) ? input[key] : schema['default']
    if (value === undefined) {
      if (questions.required?.includes(key) === true) problems.push(`${key} is not answered`)
      continue
    }
    const problem = isAnswer(value)
      ? answerProblem(value, schema)
      : 'must be text, a whole number, true or false, or a list of at most 64 texts'
    if (problem !== undefined) problems.push(`${key}: ${problem}`)
    else if (isAnswer(value))
      answers[key] = typeof value === 'object' ? Object.freeze([...value]) : value
  }
  const { errors } = new Validator(questions, '2020-12', false).validate(answers)
  if (problems.length === 0 && errors[0] !== undefined) problems.push(errors[0].error)
  if (problems.length > 0) {
    throw new SpawnError('ANSWERS_INVALID', `The answers can't be used: ${problems.join('; ')}.`)
  }
  return Object.freeze({ ...answers, name })
}
