/** The check of where the secret keys are. */
import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { keyringDirectory } from '@vaultmesh/remembrancer/workspace'
import type { Context } from '../command.ts'
import { failureOf } from '../errors.ts'
import type { Finding } from './finding.ts'

const name = 'keyring'

/** Everything in the keyring must be for its owner alone. */
export async function checkKeyring({ env }: Context): Promise<Finding> {
  let folder = ''
  let paths: string[]
  try {
    folder = keyringDirectory(env)
    paths = (await readdir(folder, { recursive: true })).map((each) => join(folder, each))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { name, status: 'ok', detail: `none yet; \`vm init\` makes it in ${folder}` }
    }
    return { name, status: 'fail', detail: failureOf(error).message }
  }
  const open: string[] = []
  for (const path of [folder, ...paths]) {
    if (((await lstat(path)).mode & 0o077) !== 0) open.push(path)
  }
  return open.length === 0
    ? { name, status: 'ok', detail: `${folder}, for you alone` }
    : {
        name,
        status: 'fail',
        detail: `others may read or change ${open.join(', ')}`,
        mend: `chmod -R go= '${folder}'`,
      }
}
