/** A bundle with one bit flipped, in each part of it that matters. Pure. */

/** One way to tamper with a bundle. */
export interface Tampering {
  /** What was changed, for people. */
  readonly part: string
  /** The check that must fail. */
  readonly check: string
  readonly bundle: Uint8Array
}

/** What of a bundle is read here; anything else in it stays as it is. */
interface Bundle {
  entry: string
  proof: string
}

interface Entry {
  envelope: { payload: string; signatures: { sig: string }[] }
  timestamps: { der: string }[]
}

/** The base64 text with the lowest bit of one byte flipped; `place` goes from 0 to 1. */
function flipped(base64: string, place: number): string {
  const bytes = Buffer.from(base64, 'base64')
  const index = Math.min(bytes.length - 1, Math.floor(bytes.length * place))
  bytes[index] = (bytes[index] ?? 0) ^ 1
  return bytes.toString('base64')
}

/**
 * The same bundle, tampered with in seven places. The bundle is one that verifies, so it is
 * canonical, and so is what comes out: what is caught is the change and not its spelling.
 */
export function tamperings(bundle: Uint8Array): readonly Tampering[] {
  const text = Buffer.from(bundle).toString('utf8')
  const withBundle = (change: (value: Bundle) => void): Uint8Array => {
    const value = JSON.parse(text) as Bundle
    change(value)
    return Buffer.from(JSON.stringify(value))
  }
  const withEntry = (change: (value: Entry) => void): Uint8Array =>
    withBundle((value) => {
      const entry = JSON.parse(Buffer.from(value.entry, 'base64').toString('utf8')) as Entry
      change(entry)
      value.entry = Buffer.from(JSON.stringify(entry)).toString('base64')
    })
  const withLine = (
    find: (lines: readonly string[]) => number,
    change: (line: string) => string,
  ): Uint8Array =>
    withBundle((value) => {
      const lines = value.proof.split('\n')
      const index = find(lines)
      lines[index] = change(lines[index] ?? '')
      value.proof = lines.join('\n')
    })
  // c2sp.org/tlog-proof: a header, `index N`, the hashes, an empty line, then the checkpoint,
  // whose third line is the root and whose signatures follow the next empty line.
  const gap = (lines: readonly string[]): number => lines.indexOf('')
  return [
    {
      part: 'the title in the record',
      check: 'signature.valid',
      bundle: withEntry(({ envelope }) => {
        const record = Buffer.from(envelope.payload, 'base64')
        const title = record.indexOf('"title":"') + '"title":"'.length
        record[title] = (record[title] ?? 0) ^ 1
        envelope.payload = record.toString('base64')
      }),
    },
    {
      part: 'the signature',
      check: 'signature.valid',
      bundle: withEntry(({ envelope }) => {
        for (const each of envelope.signatures) each.sig = flipped(each.sig, 0.5)
      }),
    },
    {
      part: 'the time token',
      check: 'time.token',
      bundle: withEntry(({ timestamps }) => {
        for (const each of timestamps) each.der = flipped(each.der, 1)
      }),
    },
    {
      part: 'the index in the log',
      check: 'log.inclusion',
      bundle: withLine(
        () => 1,
        (line) => `index ${BigInt(line.slice('index '.length)) ^ 1n}`,
      ),
    },
    {
      part: 'a hash of the inclusion proof',
      check: 'log.inclusion',
      bundle: withLine(
        () => 2,
        (line) => flipped(line, 0.5),
      ),
    },
    {
      part: 'the root in the checkpoint',
      check: 'log.checkpoint',
      bundle: withLine(
        (lines) => gap(lines) + 3,
        (line) => flipped(line, 0.5),
      ),
    },
    {
      part: 'the signature of the checkpoint',
      check: 'log.checkpoint',
      bundle: withLine(
        (lines) => lines.indexOf('', gap(lines) + 1) + 1,
        (line) => {
          const space = line.lastIndexOf(' ') + 1
          return `${line.slice(0, space)}${flipped(line.slice(space), 1)}`
        },
      ),
    },
  ]
}
