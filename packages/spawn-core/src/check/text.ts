/** Whether a rendered file is what its name says. */
import { parseAllDocuments } from 'yaml'
import { firstLine, messageOf } from '../errors.ts'
import { decodeUtf8 } from '../json.ts'
import { kubernetesProblem } from './kubernetes.ts'
import type { Problem, ProblemCode } from './problem.ts'

type Finding = readonly [ProblemCode, string]

function jsonFinding(text: string): Finding | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return ['JSON_INVALID', firstLine(messageOf(error))]
  }
}

function parseYaml(text: string, prettyErrors: boolean): unknown[] {
  // Kubernetes reads YAML 1.1, where `no` is a boolean and `1:30` a number; most others read 1.2.
  const version = /^apiVersion:/m.test(text) && /^kind:/m.test(text) ? '1.1' : '1.2'
  return parseAllDocuments(text, { version, prettyErrors }).map((document) => {
    const [error] = document.errors
    if (error !== undefined) throw error
    // Bounded, so that aliases of aliases can't exhaust the memory.
    return document.toJS({ maxAliasCount: 100 })
  })
}

function yamlFinding(text: string, prettyErrors = false): Finding | undefined {
  try {
    const problem = parseYaml(text, prettyErrors).map(kubernetesProblem).find(Boolean)
    return problem === undefined ? undefined : ['KUBERNETES_INVALID', problem]
  } catch (error) {
    // Once more, for the line and the column: keeping count of them is slow.
    return prettyErrors ? ['YAML_INVALID', firstLine(messageOf(error))] : yamlFinding(text, true)
  }
}

function finding(path: string, text: string): Finding | undefined {
  if (/<%|%>/.test(text)) return ['TAG_UNRESOLVED', 'a template tag was left in it']
  if (path.endsWith('.json')) return jsonFinding(text)
  if (/\.ya?ml$/.test(path)) return yamlFinding(text)
  return undefined
}

/** The problem of one file's bytes, or none. Files that hold a NUL byte are taken as binary. */
export function textProblems(path: string, bytes: Uint8Array): Problem[] {
  const parsed = /\.(json|ya?ml)$/.test(path)
  if (!parsed && bytes.includes(0)) return []
  const text = decodeUtf8(bytes)
  if (text === undefined) return [{ code: 'NOT_UTF8', path, detail: 'the text is no UTF-8' }]
  const found = finding(path, text)
  return found === undefined ? [] : [{ code: found[0], path, detail: found[1] }]
}
