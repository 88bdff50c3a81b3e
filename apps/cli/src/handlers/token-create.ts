import { createToken, type Scope, scopes } from '@vaultmesh/server/tokens'
import type { Handler } from '../command.ts'
import type { tokenCreateArguments } from '../commands/serve.ts'
import { VmError } from '../errors.ts'
import { withTokens } from '../tokens.ts'

function scopeNamed(text: string): Scope {
  const found = scopes.find((each) => each === text)
  if (found !== undefined) return found
  throw new VmError('VM_USAGE', `"${text}" is no scope`, {
    hint: `give some of ${scopes.join(', ')}`,
  })
}

/** `vm token create` */
export const run: Handler<typeof tokenCreateArguments> = async (context, words) => {
  const createdAt = new Date()
  const expiresAt = new Date(createdAt.getTime() + Number(words.days ?? 90n) * 86_400_000)
  const wanted = words.scope.map(scopeNamed)
  const made = await withTokens(context, (directory) =>
    createToken(directory, { name: words.name, scopes: wanted, createdAt, expiresAt }),
  )
  context.talk.say(`keep it: it is not shown again, and ends ${made.expiresAt.toISOString()}`)
  return {
    json: {
      expiresAt: made.expiresAt.toISOString(),
      name: made.name,
      scopes: made.scopes,
      token: made.token,
    },
    text: [made.token],
  }
}
