import { logOptionsOf } from '@vaultmesh/remembrancer/workspace'
import { resignLog } from '@vaultmesh/tlog'
import type { Context, Handler, Outcome } from '../command.ts'
import type { logRotateArguments } from '../commands/log.ts'
import { VmError } from '../errors.ts'
import { type LogTarget, withLog } from '../log-target.ts'
import { chosenPassphrase } from '../passphrase.ts'
import { table, toned } from '../text.ts'

type Place = NonNullable<LogTarget['place']>

/** Both keys sign from here on. Begun a second time, it goes on where it was stopped. */
async function begin(context: Context, before: Place, passphrase: () => Promise<string | null>) {
  const isUnderWay = before.keys.retiringLog !== undefined
  const place = isUnderWay ? before : await before.beginRotation(await passphrase())
  const { size } = await resignLog(await logOptionsOf(place, { signal: context.signal }))
  const { log, retiringLog = '' } = place.keys
  const outcome: Outcome = {
    json: { keys: { log, retiringLog }, origin: place.origin, size: String(size) },
    text: [
      [toned('good', '\u2713'), ` both keys sign ${place.origin}, from ${size} entries on`],
      ...table(
        [
          ['new key', log],
          ['old key', retiringLog],
        ],
        '  ',
      ),
    ],
    next: [
      'vm trust export   # give everyone the policy with the new key',
      'vm log rotate --finish   # once they have it',
    ],
  }
  return outcome
}

/** The new key alone signs from here on. */
async function finish(context: Context, place: Place): Promise<Outcome> {
  const { keys, origin } = place
  if (keys.retiringLog === undefined) {
    throw new VmError('VM_USAGE', `no key of ${origin} is being replaced`, {
      hint: 'begin with `vm log rotate`',
    })
  }
  const options = await logOptionsOf(place, { signal: context.signal })
  const { size } = await resignLog({ ...options, signers: options.signers.slice(0, 1) })
  await place.endRotation()
  return {
    json: { keys: { log: keys.log }, origin, size: String(size) },
    text: [
      [toned('good', '\u2713'), ` the new key alone signs ${origin}, from ${size} entries on`],
      ...table([['key', keys.log]], '  '),
    ],
  }
}

/** `vm log rotate` */
export const run: Handler<typeof logRotateArguments> = (context, values) =>
  withLog(context, values, async ({ place, origin }) => {
    if (place === undefined) throw new VmError('VM_USAGE', `the log ${origin} is not yours`)
    if (values.finish) return finish(context, place)
    return begin(context, place, () => chosenPassphrase(context, values))
  })
