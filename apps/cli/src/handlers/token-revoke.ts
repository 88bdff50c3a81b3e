import { revokeToken } from '@vaultmesh/server/tokens'
import type { Handler } from '../command.ts'
import type { tokenRevokeArguments } from '../commands/serve.ts'
import { toned } from '../text.ts'
import { withTokens } from '../tokens.ts'

/** `vm token revoke` */
export const run: Handler<typeof tokenRevokeArguments> = async (context, { name }) => {
  await withTokens(context, (directory) => revokeToken(directory, name))
  return { json: { name }, text: [[toned('good', '\u2713'), ` ${name} is revoked`]] }
}
