import { federation as federationPlugin } from '@vaultmesh/federation/fastify'
import type { Handler } from '../command.ts'
import type { federationWitnessArguments } from '../commands/federation.ts'
import { VmError } from '../errors.ts'
import { withNode } from '../federation-node.ts'
import { loopbackAddress } from '../serving.ts'
import { serveThisMachine } from '../serving-http.ts'

const usualPort = 6963n

/** `vm federation witness` */
export const run: Handler<typeof federationWitnessArguments> = async (context, values) => {
  const address = loopbackAddress(values, usualPort)
  const options = { passphraseFile: values['passphrase-file'], cosigns: true }
  return withNode(context, options, async ({ federation, workspace }) => {
    const { witness } = await federation.status()
    if (witness?.canSign !== true) {
      throw new VmError(
        'VM_PREFLIGHT',
        'this machine can not cosign: the key of the witness is not here',
        {
          hint: 'run it where the key is, or make a new one with `vm federation init --new-witness`',
        },
      )
    }
    // Keys may have changed since it was made.
    await federation.describe(await (await workspace.log()).signers())
    const { name, peers } = federation.config
    const count = peers.reduce((sum, { logs }) => sum + logs.length, 0)
    const url = await serveThisMachine(
      context,
      address,
      async (app) => app.register(federationPlugin, { federation }),
      (at) => `${name} witnesses ${count === 1 ? 'one log' : `${count} logs`} at ${at}`,
    )
    return { json: { name, url, witness: witness.vkey }, text: [`${name} has stopped`] }
  })
}
