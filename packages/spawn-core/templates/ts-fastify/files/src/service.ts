import { readFileSync } from 'node:fs'

/** What this service calls itself in logs, metrics and answers. */
export interface Service {
  readonly name: string
  readonly version: string
}

/** Reads name and version from package.json, one folder above both `src/` and `dist/`. */
export function readService(): Service {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  const { name, version } = JSON.parse(text) as Service
  return { name, version }
}
