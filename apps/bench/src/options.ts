/** The command line of `pnpm bench`. */
import { parseArgs } from 'node:util'
import type { Scale } from './harness/case.ts'

/** What to run and where the results go. */
export interface Options {
  /** Areas, or cases by id. */
  readonly wanted: readonly string[]
  readonly scale: Scale
  /** Writes all results here, and leaves the page alone. */
  readonly json?: string
  /** Measures the sources: nothing is built first. */
  readonly sources: boolean
  /** Writes the page again from the results that are there; measures nothing. */
  readonly pageOnly: boolean
  /** Builds the peers that npm does not have; measures nothing. */
  readonly peersOnly: boolean
  readonly help: boolean
}

/** What `--help` says. */
export const usage = `pnpm bench [area or case ...]

Measures the built packages beside their peers, and writes docs/benchmarks.md.

  --smoke       does each case once on tiny inputs and checks the results; writes nothing
  --full        adds the cases that take minutes
  --json FILE   writes the results there and leaves docs alone
  --sources     measures the sources, without building
  --page        writes the page again from docs/benchmarks/*.json
  --peers       builds the peers that npm does not have
  --help
`

/** Reads the arguments. Throws where they are wrong. */
export function parseOptions(args: readonly string[]): Options {
  const { values, positionals } = parseArgs({
    args: args.filter((argument) => argument !== '--'),
    allowPositionals: true,
    options: {
      smoke: { type: 'boolean', default: false },
      full: { type: 'boolean', default: false },
      json: { type: 'string' },
      sources: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const { smoke, full, json, sources, page, peers, help } = values
  if (smoke && full) throw new Error('--smoke and --full exclude each other')
  return {
    wanted: positionals,
    scale: smoke ? 'smoke' : full ? 'full' : 'normal',
    ...(json === undefined ? {} : { json }),
    sources,
    pageOnly: page,
    peersOnly: peers,
    help,
  }
}
