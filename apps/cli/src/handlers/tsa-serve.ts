import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ownAuthorityKey, readOwnAuthority } from '@vaultmesh/remembrancer/workspace'
import { createTsa } from '@vaultmesh/tsp/node'
import type { Handler } from '../command.ts'
import type { tsaServeArguments } from '../commands/tsa.ts'
import { failureOf } from '../errors.ts'
import { existingPassphrase } from '../passphrase.ts'
import { requireLoopback, requirePort } from '../serving.ts'
import { toned } from '../text.ts'

const usualPort = 3161n

/** `vm tsa serve` */
export const run: Handler<typeof tsaServeArguments> = async (context, values) => {
  const { host = '127.0.0.1', name } = values
  requireLoopback(host)
  const port = requirePort(values.port ?? usualPort)
  const authority = await readOwnAuthority(name, context.env)
  const { certificate, anchor, policy, accuracy, state } = authority
  const privateKey = await ownAuthorityKey(authority, context.env, () =>
    existingPassphrase(context, values['passphrase-file']),
  )
  await mkdir(state, { recursive: true, mode: 0o700 })
  const tsa = createTsa({
    privateKey,
    certificate,
    anchor,
    policy,
    accuracy,
    serialFile: join(state, 'serial'),
    onFailure: (error) => {
      const { code, message } = failureOf(error)
      context.talk.say([toned('warn', 'warning'), `: a request failed: ${message} [${code}]`])
    },
  })
  const running = await tsa.listen({ host, port })
  context.talk.say([toned('good', '\u2713'), ` ${name} answers at ${running.url}`])
  if (!context.signal.aborted) await once(context.signal, 'abort')
  await running.close()
  return { json: { name, url: running.url }, text: [`${name} has stopped`] }
}
