/** What our tools ask git. */
import { output, run } from './run.ts'

/** The files that git tracks or would track (not ignored), relative to the repository. */
export async function projectFiles(cwd?: string): Promise<string[]> {
  const options = cwd === undefined ? {} : { cwd }
  const listed = await output(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'],
    options,
  )
  return listed.split('\0').filter((path) => path !== '')
}

/** True where the repository has a commit. */
export async function hasCommits(cwd?: string): Promise<boolean> {
  const options = cwd === undefined ? {} : { cwd }
  return (await run('git', ['rev-parse', '--verify', '--quiet', 'HEAD'], options)).code === 0
}

/** True where older commits were cut off when the repository was cloned. */
export async function isShallow(cwd?: string): Promise<boolean> {
  const options = cwd === undefined ? {} : { cwd }
  return (await output('git', ['rev-parse', '--is-shallow-repository'], options)).trim() === 'true'
}
