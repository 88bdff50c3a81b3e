import { readOwnAuthority } from '@vaultmesh/remembrancer/workspace'
import type { Handler } from '../command.ts'
import type { tsaShowArguments } from '../commands/tsa.ts'
import { shownAuthority } from '../own-authority.ts'
import { toned } from '../text.ts'

/** `vm tsa show` */
export const run: Handler<typeof tsaShowArguments> = async (context, { name }) => {
  const authority = await readOwnAuthority(name, context.env)
  const { json, text } = await shownAuthority(authority)
  return {
    json,
    text: [toned('strong', name), ...text],
    next: [`vm tsa trust add ${name} --anchor '${json['anchor']}' --self-issued`],
  }
}
