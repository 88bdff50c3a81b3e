import { encodeHex } from '@vaultmesh/merkle/bytes'
import type { Handler } from '../command.ts'
import type { tsaTrustPinArguments } from '../commands/tsa.ts'
import { readPin } from '../pins.ts'
import { toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

/** `vm tsa trust pin` */
export const run: Handler<typeof tsaTrustPinArguments> = async (context, values) => {
  const pin = await readPin(context, values.pin)
  return withWorkspace(context, undefined, async (workspace) => {
    await workspace.pinTimeAuthority(values.name, pin)
    return {
      json: { name: values.name, pin: encodeHex(pin) },
      text: [
        [toned('good', '\u2713'), ' pinned: ', toned('strong', values.name)],
        `  public key ${encodeHex(pin)}`,
      ],
    }
  })
}
