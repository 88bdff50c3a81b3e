import type { Json } from './command.ts'

/** What JSON keeps of a value that came out of JSON; anything else becomes null. */
export function asJson(value: unknown): Json {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value !== 'object' || value === undefined) return null
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asJson(member)]))
}
