/** The check of where the secret keys are. */
import { keyringDirectory, keyringProblems } from '@vaultmesh/remembrancer/workspace'
import type { Context } from '../command.ts'
import { failureOf } from '../errors.ts'
import type { Finding } from './finding.ts'

const name = 'keyring'

/** Everything in the keyring must be for its owner alone, as reading a key will ask. */
export async function checkKeyring({ env }: Context): Promise<Finding> {
  try {
    const folder = keyringDirectory(env)
    const problems = await keyringProblems(env)
    if (problems === undefined) {
      return { name, status: 'ok', detail: `none yet; \`vm init\` makes it in ${folder}` }
    }
    if (problems.length === 0) return { name, status: 'ok', detail: `${folder}, for you alone` }
    const detail = problems.map(({ problem }) => problem).join('; ')
    const mend = problems.flatMap(({ fix }) => fix ?? []).join('; ')
    return { name, status: 'fail', detail, ...(mend === '' ? {} : { mend }) }
  } catch (error) {
    return { name, status: 'fail', detail: failureOf(error).message }
  }
}
