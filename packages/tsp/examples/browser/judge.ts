/** Judges a timestamp over a file, and says so in words. No page is needed for this. */
import {
  parseTimestamp,
  summarizeCertificate,
  summarizeTimestamp,
  type TimestampCheck,
  type TimestampVerdict,
  verifyTimestamp,
} from '@vaultmesh/tsp'
import { readCertificates, readStamp } from './files.ts'

/** What was chosen. */
export interface Chosen {
  readonly data: File
  readonly stamp: File
  readonly root: File
}

/** What is shown. */
export interface Report {
  readonly outcome: 'holds' | 'refused'
  readonly headline: string
  readonly facts: readonly (readonly [term: string, text: string])[]
  /** Empty where there is no token to check. */
  readonly checks: readonly TimestampCheck[]
}

const refused = (headline: string, rest: Partial<Report> = {}): Report => ({
  ...{ outcome: 'refused', headline, facts: [], checks: [] },
  ...rest,
})

/** Judges. `onRead` hears how many bytes of the file have been hashed. */
export async function judge(
  { data, stamp, root }: Chosen,
  onRead: (bytes: number) => void = () => {},
): Promise<Report> {
  const anchors = await readCertificates(root)
  if (anchors.length === 0) return refused(`Not judged: ${root.name} has no certificate to trust.`)
  const bytes = await readStamp(stamp)
  const parsed = parseTimestamp(bytes)
  if (!parsed.ok && (parsed.code === 'REJECTED' || parsed.code === 'NO_TOKEN')) {
    return refused(`Refused (${parsed.code}): ${parsed.detail}.`, {
      facts: [['Given', 'a response without a token']],
    })
  }
  // What can't be taken apart is judged as it is, so that the check that it fails is named.
  const token = parsed.ok ? parsed.token : bytes
  const verdict = await verifyTimestamp(token, {
    stream: data.stream().pipeThrough(counted(onRead)),
    authorities: [
      {
        ...{ name: root.name, selfIssued: false, anchors, pins: [] },
        validFrom: new Date(0),
      },
    ],
  })
  const facts = [
    ['Given', parsed.ok ? given[parsed.kind] : `neither a response nor a token (${parsed.code})`],
    ...tokenFacts(token),
    ...(await rootFacts(anchors)),
    ...verdict.warnings.map((warning) => ['Weak', warning] as const),
  ] as const
  const { checks } = verdict
  return verdict.ok
    ? { outcome: 'holds', headline: holding(data.name, verdict), facts, checks }
    : refused(refusing(verdict), { facts, checks })
}

const given = {
  token: 'a bare token',
  response: 'a response, with a token inside',
} as const

/** Counts bytes as they pass; keeps none. */
function counted(onRead: (bytes: number) => void): TransformStream<Uint8Array, Uint8Array> {
  let read = 0
  return new TransformStream({
    transform(piece, controller) {
      read += piece.length
      onRead(read)
      controller.enqueue(piece)
    },
  })
}

function holding(name: string, { genTimeText = '', warnings }: TimestampVerdict): string {
  const time = genTimeText.replace('T', ' ').replace('Z', ' UTC')
  const weak = warnings.length === 0 ? '' : ' Something about it is weak: see below.'
  return `The timestamp holds: ${name} existed no later than ${time}.${weak}`
}

function refusing({ checks }: TimestampVerdict): string {
  const failing = checks.filter(({ status }) => status === 'fail' || status === 'untrusted')
  return `Refused: ${failing.map(({ id, detail }) => `${detail} (${id})`).join('; ')}.`
}

function tokenFacts(token: Uint8Array): [string, string][] {
  const claims = summarizeTimestamp(token)
  if (claims === undefined) return []
  const { genTime = 'not readable', tsa = 'not stated', policy, serialNumber, imprint } = claims
  return [
    ['Claimed time', genTime],
    ['Claimed authority', tsa],
    ['Claimed hash of the file', `${imprint.algorithm} ${imprint.digest}`],
    ['Policy', policy],
    ['Serial number', serialNumber],
  ]
}

/** Whom the user trusts, so that it can be compared with what the authority publishes. */
async function rootFacts(anchors: readonly Uint8Array[]): Promise<[string, string][]> {
  return Promise.all(
    anchors.map(async (der): Promise<[string, string]> => {
      const { subject = '' } = (await summarizeCertificate(der)) ?? {}
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', new Uint8Array(der)))
      const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('')
      return ['Trusted, because you chose it', `${subject}; SHA-256 ${hex}`]
    }),
  )
}
