import { encodeHex } from '@vaultmesh/merkle/bytes'
import { summarizeCertificate } from '@vaultmesh/tsp'
import type { Handler } from '../command.ts'
import type { tsaTrustAddArguments } from '../commands/tsa.ts'
import { VmError } from '../errors.ts'
import { readPin } from '../pins.ts'
import { table, toned } from '../text.ts'
import { readCertificates } from '../timestamps.ts'
import { withWorkspace } from '../with-workspace.ts'

function timeOf(option: string, text: string): Date {
  const time = new Date(text)
  const isWritten = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/.test(text)
  // The 30th of February parses as a day of March.
  const exists = !Number.isNaN(+time) && time.toISOString().startsWith(text.slice(0, 19))
  if (isWritten && exists) return time
  throw new VmError('VM_USAGE', `--${option} is "${text}", and must be a time`, {
    hint: 'write it as 2026-02-15T00:00:00Z',
  })
}

/** `vm tsa trust add` */
export const run: Handler<typeof tsaTrustAddArguments> = async (context, values) => {
  const { name, from, until } = values
  const anchors = (
    await Promise.all(values.anchor.map((file) => readCertificates(context, file)))
  ).flat()
  if (anchors.length === 0) {
    throw new VmError('VM_USAGE', '`vm tsa trust add` needs --anchor', {
      hint: 'name the root certificate of the authority',
    })
  }
  const pins = await Promise.all(values.pin.map((pin) => readPin(context, pin)))
  const validFrom = from === undefined ? new Date(0) : timeOf('from', from)
  return withWorkspace(context, undefined, async (workspace) => {
    await workspace.trustTimeAuthority({
      name,
      selfIssued: values['self-issued'],
      anchors,
      pins,
      validFrom,
      ...(until === undefined ? {} : { validUntil: timeOf('until', until) }),
    })
    const summaries = await Promise.all(anchors.map((der) => summarizeCertificate(der)))
    const shown = summaries.flatMap((summary) =>
      summary === undefined ? [] : [{ pin: encodeHex(summary.pin), subject: summary.subject }],
    )
    return {
      json: { anchors: shown, name, pins: pins.map(encodeHex), validFrom: validFrom.toISOString() },
      text: [
        [toned('good', '\u2713'), ' trusted: ', toned('strong', name)],
        ...table(
          shown.map(({ pin, subject }) => ['anchor', `${subject}, public key ${pin}`]),
          '  ',
        ),
      ],
      next: ['compare the public key with what the authority publishes; git diff shows the policy'],
    }
  })
}
