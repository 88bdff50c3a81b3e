/** Where the programs of this machine are. Imports nothing else: not only tests look for them. */
import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The path of a program, or undefined where the PATH has none. */
export function findProgram(name: string): string | undefined {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    if (directory === '') continue
    const candidate = join(directory, name)
    try {
      accessSync(candidate, constants.X_OK)
      return candidate
    } catch {
      // Not here: the next folder of the PATH may have it.
    }
  }
  return undefined
}

/** The path of a Chromium, by one of the names that systems give it, or undefined. */
export function findChromium(): string | undefined {
  const names = ['chromium', 'chromium-browser', 'google-chrome']
  return names.map(findProgram).find((path) => path !== undefined)
}

/** The folder of PostgreSQL's programs: the PATH's, or where Debian keeps them; or undefined. */
export function findPostgres(): string | undefined {
  const path = findProgram('initdb') && findProgram('postgres')
  if (path !== undefined) return join(path, '..')
  const root = '/usr/lib/postgresql'
  try {
    const [newest] = readdirSync(root).sort((a, b) => Number(b) - Number(a))
    return newest === undefined ? undefined : join(root, newest, 'bin')
  } catch {
    return undefined
  }
}
