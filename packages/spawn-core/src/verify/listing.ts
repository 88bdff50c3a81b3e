/** Which files of a work tree its `.gitignore` files don't name. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../environment.ts'
import { gitOutput } from '../git.ts'
import { byCodeUnit } from '../json.ts'

/**
 * The paths of all files in `directory` that git would not ignore, sorted.
 *
 * Git is pointed at an empty repository of our own: the settings in the directory's `.git` can start
 * programs, and it may come from anybody. Throws `GIT_MISSING`, `GIT_FAILED` or `ABORTED`.
 */
export async function listFiles(
  directory: string,
  env: Environment,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'vm-list-'))
  try {
    const gitDirectory = join(scratch, 'empty.git')
    const init = ['init', '--quiet', '--bare', '--template=', gitDirectory]
    await gitOutput(init, { cwd: scratch, env, signal })
    const output = await gitOutput(
      [
        `--git-dir=${gitDirectory}`,
        `--work-tree=${directory}`,
        'ls-files',
        '--others',
        '--exclude-standard',
        '-z',
      ],
      { cwd: directory, env, signal },
    )
    return output.split('\0').filter(Boolean).sort(byCodeUnit)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
