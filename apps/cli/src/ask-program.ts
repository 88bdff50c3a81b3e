import { execFile } from 'node:child_process'
import type { Context } from './command.ts'

const patienceMs = 10_000

/** What a program prints on stdout, or undefined where it fails or takes too long. */
export function askProgram(
  { cwd, env, signal }: Context,
  path: string,
  words: readonly string[],
): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile(
      path,
      [...words],
      { cwd, env: { ...env }, signal, timeout: patienceMs },
      (error, stdout) => {
        if (signal.aborted) reject(signal.reason)
        else resolve(error === null ? stdout : undefined)
      },
    )
  })
}
