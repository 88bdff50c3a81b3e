import {
  parseTimestamp,
  type QuorumVerdict,
  type TimeAuthority,
  type TimestampVerdict,
  verifyQuorum,
} from '@vaultmesh/tsp'
import { checkLines, checksAsJson, type ShownCheck, verdictFailure } from '../checks.ts'
import type { Context, Failure, Handler, Json } from '../command.ts'
import type { timestampVerifyArguments } from '../commands/timestamp.ts'
import { VmError } from '../errors.ts'
import { readNamed } from '../files.ts'
import { type Line, table, toned } from '../text.ts'
import {
  digestsOf,
  imprintAlgorithms,
  longestResponse,
  readRevocationLists,
  trustedAuthorities,
} from '../timestamps.ts'

/** `vm timestamp verify` */
export const run: Handler<typeof timestampVerifyArguments> = async (context, values) => {
  const { file, quorum, crl } = values
  const names = values.token.length === 0 ? [`${file}.tsr`] : values.token
  if ([file, ...names, ...crl].filter((name) => name === '-').length > 1) {
    throw new VmError('VM_USAGE', 'standard input can be one file only', {
      hint: 'name the others',
    })
  }
  const tokens = await Promise.all(names.map((name) => readToken(context, name)))
  const authorities = await trustedAuthorities(context, values)
  const lists = (await Promise.all(crl.map((name) => readRevocationLists(context, name)))).flat()
  const digests = await digestsOf(context, file, imprintAlgorithms)
  const verdict = await verifyQuorum(tokens, {
    digests,
    authorities,
    threshold: Number(quorum ?? 1n),
    ...(lists.length === 0 ? {} : { revocation: { lists } }),
    ...(values['max-skew'] === undefined ? {} : { maxSkew: Number(values['max-skew']) * 1000 }),
  })
  // An anchor that is named alone says nothing about who runs its authority; a policy does.
  const isSelfIssued = (authority: TimeAuthority | undefined) =>
    values.anchor.length > 0 ? undefined : authority?.selfIssued
  const failure = quorum === undefined ? allFailure(verdict) : verdictFailure(verdict.checks)
  return {
    json: {
      ok: failure === undefined,
      ...(quorum === undefined ? {} : { quorum: quorumAsJson(verdict) }),
      tokens: verdict.tokens.map((token, i) => tokenAsJson(names[i] ?? '', token, isSelfIssued)),
    },
    text: [
      ...verdict.tokens.flatMap((token, i) => [
        ...(i === 0 ? [] : ['']),
        ...tokenLines(names[i] ?? '', token, isSelfIssued),
      ]),
      ...(quorum === undefined ? [] : ['', ...quorumLines(verdict)]),
    ],
    ...(failure === undefined ? {} : { failure }),
  }
}

async function readToken(context: Context, name: string): Promise<Uint8Array> {
  const parsed = parseTimestamp(await readNamed(context, name, longestResponse))
  if (parsed.ok) return parsed.token
  throw new VmError('VM_NOT_VERIFIED', `${name} holds no token: ${parsed.code}: ${parsed.detail}`)
}

/** Without a quorum, every token must hold. */
function allFailure({ tokens }: QuorumVerdict): Failure | undefined {
  const all: ShownCheck[] = tokens.flatMap(({ checks }) => checks)
  return verdictFailure(all)
}

/** Whether an authority is run by whoever asks it for tokens; undefined where nobody says. */
type SelfIssued = (authority: TimeAuthority | undefined) => boolean | undefined

function tokenAsJson(
  file: string,
  { checks, ok, ...rest }: TimestampVerdict,
  isSelfIssued: SelfIssued,
): Json {
  return {
    authority: rest.authority?.name ?? null,
    checks: checksAsJson(checks),
    file,
    ok,
    selfIssued: isSelfIssued(rest.authority) ?? null,
    time: rest.genTimeText ?? null,
    warnings: rest.warnings,
  }
}

function quorumAsJson({ authorities, checks, genTimeText, ok }: QuorumVerdict): Json {
  return { authorities, checks: checksAsJson(checks), ok, time: genTimeText ?? null }
}

const independence = (isSelfIssued: boolean | undefined): string =>
  isSelfIssued === undefined
    ? 'of an anchor that you named'
    : isSelfIssued
      ? 'self-issued'
      : 'independent'

function tokenLines(
  file: string,
  { checks, authority, genTimeText }: TimestampVerdict,
  isSelfIssued: SelfIssued,
): Line[] {
  const isGood = authority !== undefined && genTimeText !== undefined
  return [
    [toned('strong', file)],
    ...checkLines(checks),
    ...(isGood
      ? [
          [toned('good', 'verified')],
          ...table(
            [
              ['stamped', genTimeText],
              ['authority', authority.name],
              ['time', independence(isSelfIssued(authority))],
            ],
            '  ',
          ),
        ]
      : []),
  ]
}

function quorumLines({ checks, authorities, genTimeText }: QuorumVerdict): Line[] {
  return [
    [toned('strong', 'quorum')],
    ...checkLines(checks),
    ...(genTimeText === undefined
      ? []
      : table(
          [
            ['stamped', genTimeText],
            ['by', authorities.join(', ')],
          ],
          '  ',
        )),
  ]
}
