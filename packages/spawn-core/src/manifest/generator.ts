import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMembers } from '../json.ts'
import { packageFolder } from '../package-folder.ts'
import type { Generator } from './manifest.ts'

/** This package, as its `package.json` names it. */
export async function thisGenerator(): Promise<Generator> {
  const text = await readFile(join(packageFolder(), 'package.json'), 'utf8')
  const value: unknown = JSON.parse(text)
  const { name, version } = isMembers(value) ? value : {}
  return { name: String(name), version: String(version) }
}
