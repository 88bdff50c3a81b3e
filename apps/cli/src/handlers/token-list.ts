import { listTokens } from '@vaultmesh/server/tokens'
import type { Handler } from '../command.ts'
import type { tokenListArguments } from '../commands/serve.ts'
import { columns } from '../text.ts'
import { withTokens } from '../tokens.ts'

/** `vm token list` */
export const run: Handler<typeof tokenListArguments> = async (context) => {
  const tokens = await withTokens(context, listTokens)
  const now = new Date()
  return {
    json: tokens.map(({ name, scopes, createdAt, expiresAt }) => ({
      createdAt: createdAt.toISOString(),
      expired: now >= expiresAt,
      expiresAt: expiresAt.toISOString(),
      name,
      scopes,
    })),
    text: columns(
      tokens.map(({ name, scopes, expiresAt }) => [
        name,
        `${now < expiresAt ? 'until' : 'ended'} ${expiresAt.toISOString().slice(0, 10)}`,
        scopes.join(' '),
      ]),
    ),
  }
}
