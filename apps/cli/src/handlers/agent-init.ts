import type { Handler } from '../command.ts'
import type { agentInitArguments } from '../commands/agent.ts'
import { chosenPassphrase } from '../passphrase.ts'
import { table, toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

/** `vm agent init` */
export const run: Handler<typeof agentInitArguments> = (context, values) =>
  withWorkspace(context, undefined, async (workspace) => {
    const { name = 'agent' } = values
    const passphrase = await chosenPassphrase(context, values)
    const { keyid } = await workspace.addAgent({ name, passphrase })
    return {
      json: { keyid, name, namespace: workspace.namespace },
      text: [
        [toned('good', '\u2713'), ' an agent: ', toned('strong', name)],
        ...table(
          [
            ['key', keyid],
            ['may sign', `decisions and routings of ${workspace.namespace}`],
          ],
          '  ',
        ),
      ],
      next: [`vm mcp --allow-write --agent ${name}`, 'git add .vaultmesh/trust/policy.yaml'],
    }
  })
