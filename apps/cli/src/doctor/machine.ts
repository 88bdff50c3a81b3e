/** The checks of what is installed on the machine. */

import { askProgram } from '../ask-program.ts'
import type { Context } from '../command.ts'
import { findProgram } from '../programs.ts'
import type { Finding } from './finding.ts'

/** How to install something, by the platform's usual way. */
function install(name: string): string {
  return process.platform === 'darwin' ? `brew install ${name}` : `sudo apt-get install ${name}`
}

/** Node itself. A Node that is too old never gets here: the first file of `vm` refuses it. */
export function checkNode(): Finding {
  return { name: 'node', status: 'ok', detail: `Node ${process.versions.node}` }
}

/** A program on the PATH, by the first line of its version. */
async function checkProgram(
  context: Context,
  name: string,
  words: readonly string[],
  absent: Omit<Finding, 'name'>,
): Promise<Finding> {
  const path = findProgram(name, context.env)
  if (path === undefined) return { name, ...absent }
  const answer = await askProgram(context, path, words)
  if (answer === undefined) {
    return { name, status: absent.status, detail: `${path} does not run`, mend: install(name) }
  }
  return { name, status: 'ok', detail: answer.split('\n', 1)[0] ?? '' }
}

/** git: spawned services are git repositories. */
export function checkGit(context: Context): Promise<Finding> {
  return checkProgram(context, 'git', ['--version'], {
    status: 'fail',
    detail: 'not on the PATH; `vm spawn create` commits to git',
    mend: install('git'),
  })
}

/** The name and address that git would commit with. */
export async function checkGitIdentity(context: Context): Promise<Finding> {
  const name = 'git identity'
  const git = findProgram('git', context.env)
  if (git === undefined) return { name, status: 'warn', detail: 'not looked at: there is no git' }
  // Without `user.useConfigOnly`, git invents an identity out of the host's name.
  const words = ['-c', 'user.useConfigOnly=true', 'var', 'GIT_COMMITTER_IDENT']
  const identity = await askProgram(context, git, words)
  return identity === undefined
    ? {
        name,
        status: 'fail',
        detail: 'git does not know who you are; `vm spawn create` commits to git',
        mend: 'git config --global user.name "Your Name" && git config --global user.email you@example.com',
      }
    : { name, status: 'ok', detail: identity.trim().replace(/ \d+ [+-]\d{4}$/, '') }
}

/** gpg: only for those who check OpenPGP signatures with it. */
export function checkGpg(context: Context): Promise<Finding> {
  return checkProgram(context, 'gpg', ['--version'], {
    status: 'warn',
    detail: 'not on the PATH; only needed to check OpenPGP signatures without vm',
    mend: install('gnupg'),
  })
}

/** openssl: only for those who check time tokens with it. */
export function checkOpenssl(context: Context): Promise<Finding> {
  return checkProgram(context, 'openssl', ['version'], {
    status: 'warn',
    detail: 'not on the PATH; only needed to check time tokens without vm',
    mend: install('openssl'),
  })
}
