import { parseTimestamp, summarizeTimestamp } from '@vaultmesh/tsp'
import type { Handler } from '../command.ts'
import type { timestampShowArguments } from '../commands/timestamp.ts'
import { VmError } from '../errors.ts'
import { readNamed } from '../files.ts'
import { table } from '../text.ts'
import { longestResponse } from '../timestamps.ts'

/** `vm timestamp show` */
export const run: Handler<typeof timestampShowArguments> = async (context, { token: name }) => {
  const parsed = parseTimestamp(await readNamed(context, name, longestResponse))
  if (!parsed.ok) {
    throw new VmError('VM_USAGE', `${name} holds no token: ${parsed.detail}`, {
      hint: 'give an RFC 3161 response or a bare token, as DER',
    })
  }
  const summary = summarizeTimestamp(parsed.token)
  if (summary === undefined) {
    throw new VmError('VM_USAGE', `${name} holds a token whose content can not be read`)
  }
  const { genTime, imprint, policy, serialNumber, tsa } = summary
  return {
    json: {
      genTime: genTime ?? null,
      imprint: { ...imprint },
      kind: parsed.kind,
      policy,
      serialNumber,
      tsa: tsa ?? null,
    },
    text: [
      ...table([
        ['kind', parsed.kind],
        ['time', genTime ?? 'malformed'],
        ['imprint', `${imprint.algorithm} ${imprint.digest}`],
        ['policy', policy],
        ['serial', serialNumber],
        ['authority', tsa ?? 'not named in the token'],
      ]),
      '',
      'Nothing of this is verified: `vm timestamp verify` does that.',
    ],
  }
}
