import type { Handler } from '../command.ts'
import type { agentListArguments } from '../commands/agent.ts'
import { toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

/** `vm agent list` */
export const run: Handler<typeof agentListArguments> = (context) =>
  withWorkspace(context, undefined, async (workspace) => {
    const agents = await workspace.agents()
    return {
      json: agents.map(({ name, keyid, validFrom, validUntil }) => ({
        keyid,
        name,
        validFrom: validFrom.toISOString(),
        validUntil: validUntil?.toISOString(),
      })),
      text:
        agents.length === 0
          ? ['no agents']
          : agents.map(({ name, keyid, validUntil }) => [
              toned('strong', name),
              `  ${keyid}`,
              ...(validUntil === undefined
                ? []
                : [toned('dim', `  until ${validUntil.toISOString()}`)]),
            ]),
    }
  })
