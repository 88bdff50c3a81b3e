/**
 * How much of each part the tests must run, in per cent of lines.
 *
 * What decides whether evidence is believed is run completely: all of merkle, and whatever the
 * verifying entry points of tsp and remembrancer import.
 */

/** One part: files by folder, or by what an entry file imports, within its package. */
export interface CoverageRule {
  readonly name: string
  readonly lines: number
  readonly folder?: string
  readonly entry?: string
}

/** The first rule that a file falls under holds for it. */
export const coverageRules: readonly CoverageRule[] = [
  { name: 'merkle', lines: 100, folder: 'packages/merkle/src/' },
  { name: 'tsp, verifying', lines: 100, entry: 'packages/tsp/src/index.ts' },
  { name: 'remembrancer, verifying', lines: 100, entry: 'packages/remembrancer/src/verify.ts' },
  { name: 'tsp, the rest', lines: 98, folder: 'packages/tsp/src/' },
  { name: 'remembrancer, the rest', lines: 95, folder: 'packages/remembrancer/src/' },
  { name: 'tlog', lines: 98, folder: 'packages/tlog/src/' },
  { name: 'federation', lines: 97, folder: 'packages/federation/src/' },
  { name: 'aurora-router', lines: 98, folder: 'packages/aurora-router/src/' },
  { name: 'spawn-core', lines: 97, folder: 'packages/spawn-core/src/' },
]
