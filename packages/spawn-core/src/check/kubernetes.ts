/** What the Kubernetes API would refuse in an object's metadata, whatever its kind. */
import { isMembers, type Members } from '../json.ts'
import { show } from '../names.ts'

// RFC 1123 subdomain, as the API checks `metadata.name`.
const subdomain = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/
const label = /^(?=.{1,63}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const labelValue = /^(?=.{0,63}$)([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$/
// Names of RBAC objects may hold more, such as "system:node".
const pathNames = /^rbac\.authorization\.k8s\.io\//

function textMatching(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value)
}

function mapProblem(metadata: Members, member: string, pattern: RegExp): string | undefined {
  const value = metadata[member]
  if (value === undefined || value === null) return undefined
  if (!isMembers(value)) return `metadata.${member} is no mapping`
  const bad = Object.entries(value).find(([, text]) => !textMatching(text, pattern))
  return bad && `metadata.${member}.${bad[0]} can't be ${show(String(bad[1]))}`
}

/** What is wrong with a parsed YAML document as a Kubernetes object; undefined also where it is none. */
export function kubernetesProblem(document: unknown): string | undefined {
  if (!isMembers(document)) return undefined
  const { apiVersion, kind, metadata } = document
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  if (!isMembers(metadata)) return metadata === undefined ? undefined : 'metadata is no mapping'
  const { name, namespace } = metadata
  const namePattern = pathNames.test(apiVersion) ? /^[^/%]+$/ : subdomain
  if (name !== undefined && !textMatching(name, namePattern)) {
    return `metadata.name can't be ${show(String(name))}`
  }
  if (namespace !== undefined && !textMatching(namespace, label)) {
    return `metadata.namespace can't be ${show(String(namespace))}`
  }
  return mapProblem(metadata, 'labels', labelValue) ?? mapProblem(metadata, 'annotations', /^/)
}
