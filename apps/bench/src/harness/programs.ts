/** What the programs of the machine say of themselves. */
import { execFileSync } from 'node:child_process'

/** The first line that a program writes, or undefined where it can't be run. */
export function firstLine(name: string, ...args: readonly string[]): string | undefined {
  try {
    const text = execFileSync(name, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    return text.split('\n', 1)[0]
  } catch {
    return undefined
  }
}
