import { readFile } from 'node:fs/promises'
import { isMembers } from '../json.ts'
import type { Generator } from './manifest.ts'

/** This package, as its `package.json` names it. */
export async function thisGenerator(): Promise<Generator> {
  // The same from `src` and from `dist`.
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8')
  const value: unknown = JSON.parse(text)
  const { name, version } = isMembers(value) ? value : {}
  return { name: String(name), version: String(version) }
}
