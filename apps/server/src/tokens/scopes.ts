/** What a token may allow. */
export const scopes = [
  'federation',
  'mcp:read',
  'mcp:write',
  'memories:read',
  'memories:write',
  'metrics',
  'route',
] as const

/** One thing that a token may allow. */
export type Scope = (typeof scopes)[number]

/** A scope by its name, or undefined. */
export function scopeOf(name: string): Scope | undefined {
  return scopes.find((each) => each === name)
}
