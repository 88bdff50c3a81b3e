import { initWorkspace } from '@vaultmesh/remembrancer/workspace'
import type { Handler } from '../command.ts'
import type { initArguments } from '../commands/init.ts'
import { chosenPassphrase } from '../passphrase.ts'
import { table, toned } from '../text.ts'

/** `vm init` */
export const run: Handler<typeof initArguments> = async (context, values) => {
  const { namespace, origin } = values
  const made = await initWorkspace({
    directory: context.cwd,
    ...(namespace === undefined ? {} : { namespace }),
    ...(origin === undefined ? {} : { originPrefix: origin }),
    passphrase: await chosenPassphrase(context, values),
    clock: () => new Date(),
    env: context.env,
    signal: context.signal,
  })
  const { root, keys, keyring, state } = made
  return {
    json: {
      keyring,
      keys: { log: keys.log, record: keys.record, timeAuthority: keys.timeAuthority },
      namespace: made.namespace,
      origin: made.origin,
      root,
      state,
    },
    text: [
      [toned('good', '\u2713'), ` a workspace in ${root}`],
      ...table(
        [
          ['namespace', made.namespace],
          ['log', made.origin],
          ['record key', keys.record],
          ['log key', keys.log],
          ['time authority', `embedded, self-issued (SHA-256 of its key: ${keys.timeAuthority})`],
          ['secret keys', keyring],
          ['log state', state],
        ],
        '  ',
      ),
    ],
    next: [
      'git add .vaultmesh   # the configuration and the trust policy; the rest is ignored',
      'vm spawn templates',
      'vm memory record note --title "The workspace exists" --body "It begins here."',
    ],
  }
}
