/** The git repository of a new service. */
import { SpawnError } from '../errors.ts'
import { type GitOptions, git, gitOutput } from '../git.ts'

/** Makes an empty repository on the branch `main`, without the user's templates and hooks. */
export async function initRepository(options: GitOptions): Promise<void> {
  await gitOutput(['init', '--quiet', '--initial-branch=main', '--template=', '.'], options)
}

/**
 * Throws `NO_GIT_IDENTITY` where git would not know who commits. Asked in the new repository, because
 * a user's settings may depend on the folder.
 */
export async function requireIdentity(options: GitOptions): Promise<void> {
  const answers = await Promise.all(
    ['GIT_AUTHOR_IDENT', 'GIT_COMMITTER_IDENT'].map((who) => git(['var', who], options)),
  )
  if (answers.every(({ code }) => code === 0)) return
  throw new SpawnError(
    'NO_GIT_IDENTITY',
    `git does not know who you are, so it can't commit. Nothing was written. Run this, then try again: git config --global user.name "Your Name" && git config --global user.email "you@example.com"`,
  )
}

/** Commits everything in the folder, also what its own `.gitignore` names. Gives the commit's id. */
export async function commitAll(message: string, options: GitOptions): Promise<string> {
  await gitOutput(['add', '--all', '--force', '.'], options)
  await gitOutput(['commit', '--quiet', '--no-gpg-sign', '-m', message], options)
  return (await gitOutput(['rev-parse', 'HEAD'], options)).trim()
}
