/** `template.yaml`: what a template is called, asks, pins, and how its services are verified. */
import type { Schema } from '@cfworker/json-schema'
import { parseDocument } from 'yaml'
import { firstLine, messageOf, SpawnError } from '../errors.ts'
import { isMembers, type Members } from '../json.ts'
import { labelProblem, textProblem } from '../names.ts'
import { pathProblem } from '../paths.ts'
import { type PolicyRule, parsePolicies } from './policies.ts'
import { parseVerification, type Verification } from './verification.ts'

/** The parsed `template.yaml`. */
export interface TemplateDefinition {
  /** RFC 1123 label. */
  readonly id: string
  /** Semantic version. */
  readonly version: string
  readonly description: string
  readonly language: string
  /** JSON Schema 2020-12 of the answers, an object. */
  readonly questions: Schema & { readonly properties: Readonly<Record<string, Schema>> }
  /** The folder with the files. */
  readonly files: string
  readonly pins: Readonly<Record<string, string>>
  readonly policies: readonly PolicyRule[]
  /** Output paths of mode 755. */
  readonly executable: readonly string[]
  readonly verify: Verification
}

const known = [
  'id',
  'version',
  'description',
  'engine',
  'language',
  'questions',
  'files',
  'pins',
  'policies',
  'executable',
  'verify',
]

/** Collects what is wrong, so that an author sees all of it at once. */
export type Complain = (problem: string) => void

/** A member that must be one line of text that is not empty. */
function textMember(members: Members, name: string, complain: Complain): string {
  const value = members[name]
  if (typeof value !== 'string' || value === '') {
    complain(`${name} must be text`)
    return ''
  }
  const problem = textProblem(value)
  if (problem !== undefined) complain(`${name}: ${problem}`)
  return value
}

const yamlWords = /^(y|n|yes|no|on|off|true|false|null)$/i
const questionTypes = ['string', 'integer', 'boolean', 'array']

function questionProblem(key: string, question: unknown): string | undefined {
  if (!/^[a-z][A-Za-z0-9]{0,62}$/.test(key)) return 'must be named in camelCase'
  if (yamlWords.test(key)) return 'is a word that YAML may not read as text'
  if (!isMembers(question)) return 'must be a schema'
  if (typeof question['type'] !== 'string' || !questionTypes.includes(question['type'])) {
    return `type must be one of ${questionTypes.join(', ')}`
  }
  if (question['type'] !== 'array') return undefined
  const items = question['items']
  return isMembers(items) && items['type'] === 'string'
    ? undefined
    : 'items of an array must be of type string'
}

function parseQuestions(value: unknown, complain: Complain): TemplateDefinition['questions'] {
  const properties: Record<string, Schema> = {}
  if (!isMembers(value) || !isMembers(value['properties'])) {
    complain('questions must be a JSON Schema of an object with properties')
    return { properties }
  }
  if (value['type'] !== 'object' || value['additionalProperties'] !== false) {
    complain('questions must have "type: object" and "additionalProperties: false"')
  }
  for (const [key, question] of Object.entries(value['properties'])) {
    const problem = questionProblem(key, question)
    if (problem !== undefined) complain(`questions.properties.${key} ${problem}`)
    else if (isMembers(question)) properties[key] = question
  }
  if (properties['name'] === undefined) complain('questions must ask for name')
  return { ...value, properties }
}

function parsePins(value: unknown, complain: Complain): Record<string, string> {
  const pins: Record<string, string> = {}
  if (value === undefined) return pins
  if (!isMembers(value)) {
    complain('pins must be a mapping of text')
    return pins
  }
  for (const [name, pin] of Object.entries(value)) {
    if (!/^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(name) || typeof pin !== 'string') {
      complain(`pins.${name} must be text under a plain name`)
    } else if (textProblem(pin) !== undefined) {
      complain(`pins.${name}: ${textProblem(pin)}`)
    } else {
      pins[name] = pin
    }
  }
  return pins
}

function parseExecutable(value: unknown, complain: Complain): string[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) {
    complain('executable must be a list of paths')
    return []
  }
  return value.filter((path: unknown): path is string => {
    const good = typeof path === 'string' && pathProblem(path) === undefined
    if (!good) complain('executable must be a list of paths of files')
    return good
  })
}

function readYaml(text: string): unknown {
  const document = parseDocument(text, { schema: 'core', stringKeys: true })
  const [error] = document.errors
  if (error !== undefined) throw error
  return document.toJS({ maxAliasCount: 0 })
}

function checkIdentity(members: Members, complain: Complain): void {
  for (const name of Object.keys(members)) {
    if (!known.includes(name)) complain(`${name} is not known`)
  }
  if (members['engine'] !== 0) complain('engine must be 0, the version of the template contract')
  const { id, version, files } = members
  if (typeof id === 'string' && labelProblem(id) !== undefined) {
    complain(`id: ${labelProblem(id)}`)
  }
  if (typeof version === 'string' && !/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version)) {
    complain('version must be a semantic version, such as 0.1.0')
  }
  if (typeof files === 'string' && pathProblem(files) !== undefined) {
    complain(`files: ${pathProblem(files)}`)
  }
}

/**
 * Parses the text of a `template.yaml`. `where` names the file in messages.
 *
 * Throws `TEMPLATE_INVALID` with everything that is wrong.
 */
export function parseDefinition(text: string, where: string): TemplateDefinition {
  let members: unknown
  try {
    members = readYaml(text)
  } catch (cause) {
    throw new SpawnError(
      'TEMPLATE_INVALID',
      `${where} is no YAML: ${firstLine(messageOf(cause))}`,
      { cause },
    )
  }
  if (!isMembers(members)) {
    throw new SpawnError('TEMPLATE_INVALID', `${where} must be a YAML mapping.`)
  }
  const problems: string[] = []
  const complain: Complain = (problem) => void problems.push(problem)
  checkIdentity(members, complain)
  const definition: TemplateDefinition = {
    id: textMember(members, 'id', complain),
    version: textMember(members, 'version', complain),
    description: textMember(members, 'description', complain),
    language: textMember(members, 'language', complain),
    questions: parseQuestions(members['questions'], complain),
    files: textMember(members, 'files', complain),
    pins: parsePins(members['pins'], complain),
    policies: parsePolicies(members['policies'], complain),
    executable: parseExecutable(members['executable'], complain),
    verify: parseVerification(members['verify'], complain),
  }
  if (problems.length > 0) {
    throw new SpawnError('TEMPLATE_INVALID', `${where}: ${problems.join('; ')}.`)
  }
  return definition
}
