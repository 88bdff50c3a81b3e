import { readFileSync } from 'node:fs'

/** The version of `vm`. */
export function ownVersion(): string {
  // Sources and bundle both stand one folder below the package's own description.
  const description = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
  return String((JSON.parse(description) as { version: unknown }).version)
}
