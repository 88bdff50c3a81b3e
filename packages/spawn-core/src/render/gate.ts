/** The gate that everything a tag puts out passes. */
import { parseDocument } from 'yaml'
import { show } from '../names.ts'
import { Encoded } from './encoders.ts'

// Starts with a letter and has a "-" or "/" but no ":": no number, date, boolean or null of any version
// does. Most answers are of this kind, and parsing them one by one would take long.
const surelyText = /^[A-Za-z][A-Za-z0-9._@]*[-/][A-Za-z0-9._/@-]*$/

/** Whether YAML, both 1.1 (Kubernetes) and 1.2, reads a bare scalar as the text that it is. */
function isYamlText(text: string): boolean {
  if (surelyText.test(text)) return true
  return (['1.1', '1.2'] as const).every((version) => {
    const document = parseDocument(text, { version, stringKeys: false })
    return document.errors.length === 0 && document.toJS() === text
  })
}

/** Why a plain text is not safe to stand bare in the file at `path`; undefined where it is. */
function bareProblem(text: string, path: string): string | undefined {
  if (!/^[A-Za-z0-9._/@:-]+$/.test(text)) {
    return 'only letters, digits and . _ / @ : - may stand without an encoder'
  }
  if (text.startsWith('-')) return 'a program could take it for an option'
  if (text.split('/').includes('..')) return 'it has a ".." part'
  if (/\.ya?ml$/.test(path) && !isYamlText(text)) return 'YAML would not read it as text'
  return undefined
}

/** The text that a tag may put out for `output`. Throws a `TypeError` on anything unsafe. */
export function gate(output: unknown, path: string): string {
  if (output instanceof Encoded) return output.text
  if (typeof output === 'boolean' || Number.isSafeInteger(output)) return String(output)
  if (typeof output !== 'string') throw new TypeError(`a tag gives ${typeof output}, not text`)
  const problem = bareProblem(output, path)
  if (problem !== undefined) throw new TypeError(`${show(output)} can't be used: ${problem}`)
  return output
}
