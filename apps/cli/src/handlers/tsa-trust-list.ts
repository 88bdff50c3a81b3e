import { encodeHex } from '@vaultmesh/merkle/bytes'
import { summarizeCertificate } from '@vaultmesh/tsp'
import type { Handler } from '../command.ts'
import type { tsaTrustListArguments } from '../commands/tsa.ts'
import { type Line, table, toned } from '../text.ts'
import { withWorkspace } from '../with-workspace.ts'

/** `vm tsa trust list` */
export const run: Handler<typeof tsaTrustListArguments> = (context) =>
  withWorkspace(context, undefined, async (workspace) => {
    const authorities = await Promise.all(
      (await workspace.timeAuthorities()).map(async (authority) => ({
        anchors: await Promise.all(
          authority.anchors.map(async (der) => {
            const summary = await summarizeCertificate(der)
            return {
              notAfter: summary?.notAfter.toISOString() ?? null,
              pin: summary === undefined ? null : encodeHex(summary.pin),
              subject: summary?.subject ?? null,
            }
          }),
        ),
        name: authority.name,
        pins: authority.pins.map(encodeHex),
        selfIssued: authority.selfIssued,
        validFrom: authority.validFrom.toISOString(),
        validUntil: authority.validUntil?.toISOString() ?? null,
      })),
    )
    const text: Line[] = authorities.flatMap((authority) => [
      [
        toned('strong', authority.name),
        authority.selfIssued ? ', self-issued' : '',
        `: from ${authority.validFrom}${authority.validUntil === null ? '' : ` until ${authority.validUntil}`}`,
      ],
      ...table(
        [
          ...authority.anchors.map(({ subject, pin }): [string, string] => [
            'anchor',
            `${subject ?? 'can not be read'}, public key ${pin ?? '?'}`,
          ]),
          ...(authority.pins.length === 0
            ? [['leaf', 'any that the anchor vouches for'] as const]
            : authority.pins.map((pin) => ['leaf', `public key ${pin}`] as const)),
        ],
        '  ',
      ),
    ])
    return {
      json: { authorities },
      text: text.length === 0 ? ['no time authorities'] : text,
    }
  })
