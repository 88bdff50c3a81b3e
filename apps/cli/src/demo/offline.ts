/** How a process is kept off the network. */
import { findProgram } from '../programs.ts'
import { type ChildOptions, runChild } from './child.ts'

/** What to put around a command line, and the words for it. */
export interface Isolation {
  /** Goes before the program. */
  readonly wrapper: readonly string[]
  /** Goes into Node's own parameters. */
  readonly nodeParameters: readonly string[]
  /** For people: what keeps the network away. */
  readonly words: string
}

/**
 * A network namespace without any interface where Linux allows one to this user; else a module,
 * loaded first, that makes sockets and DNS throw.
 */
export async function isolation(options: ChildOptions): Promise<Isolation> {
  if (process.platform === 'linux') {
    const unshare = findProgram('unshare', options.env)
    const own = ['--user', '--map-root-user', '--net', '--']
    const works =
      unshare !== undefined &&
      (await runChild(unshare, [...own, process.execPath, '--version'], options)).exitCode === 0
    if (works) {
      return {
        wrapper: [unshare, ...own],
        nodeParameters: [],
        words: 'in a network namespace without interfaces',
      }
    }
  }
  // The bundle has the same module beside it, compiled.
  const guard = import.meta.url.endsWith('.ts')
    ? new URL('./guard.ts', import.meta.url)
    : new URL('./guard.js', import.meta.url)
  return {
    wrapper: [],
    nodeParameters: ['--import', guard.href],
    words: 'with a guard that makes sockets and DNS throw',
  }
}
