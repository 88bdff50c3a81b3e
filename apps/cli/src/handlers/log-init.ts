import { resolve } from 'node:path'
import { maxPolicyLength } from '@vaultmesh/merkle/policy'
import { initOwnLog } from '@vaultmesh/remembrancer/workspace'
import type { Handler } from '../command.ts'
import type { logInitArguments } from '../commands/log.ts'
import { readNamed, textOf } from '../files.ts'
import { chosenPassphrase } from '../passphrase.ts'
import { table, toned } from '../text.ts'

/** `vm log init` */
export const run: Handler<typeof logInitArguments> = async (context, values) => {
  const { dir, origin, witnesses } = values
  const policy =
    witnesses === undefined
      ? undefined
      : textOf(await readNamed(context, witnesses, maxPolicyLength), witnesses)
  const { directory, stateDirectory, keys } = await initOwnLog({
    origin,
    directory: resolve(context.cwd, dir),
    witnesses: policy,
    passphrase: await chosenPassphrase(context, values),
    env: context.env,
    signal: context.signal,
  })
  return {
    json: { directory, keys: { log: keys.log }, origin, state: stateDirectory },
    text: [
      [toned('good', '\u2713'), ` a log in ${directory}`],
      ...table(
        [
          ['origin', origin],
          ['key', keys.log],
          ['state', stateDirectory],
        ],
        '  ',
      ),
    ],
    next: [`echo "It begins here." | vm log append - --log ${dir}`],
  }
}
