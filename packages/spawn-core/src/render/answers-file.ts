/** `.vm/answers.yaml`: what was answered, to spawn the same again. */
import type { Answer } from '../answers.ts'
import type { Plan } from '../plan.ts'
import { quote } from './encoders.ts'

function flow(answer: Answer): string {
  if (typeof answer === 'string') return quote(answer)
  return typeof answer === 'object' ? `[${answer.map(quote).join(', ')}]` : String(answer)
}

/** The bytes of the file. Written by hand, so that they don't depend on the version of a library. */
export function answersFile({ answers, template }: Plan): Uint8Array {
  const lines = Object.keys(answers)
    .sort()
    .map((key) => `  ${key}: ${flow(answers[key] ?? '')}\n`)
  const text = `answers:
${lines.join('')}template:
  digest: ${quote(template.digest)}
  id: ${quote(template.id)}
  version: ${quote(template.version)}
`
  return new TextEncoder().encode(text)
}
