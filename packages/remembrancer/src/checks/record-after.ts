import type { Bundle } from '../bundle.ts'
import type { MemoryRecord } from '../record.ts'
import { type Outcome, pass, stop } from './check.ts'
import type { Included } from './log-inclusion.ts'
import { claimedOrigin } from './log-origin.ts'

/** A record can't have seen a head of its own log that is younger than itself. */
export function checkRecordAfter(
  { after }: MemoryRecord,
  bundle: Bundle,
  { index }: Included,
): Outcome<true> {
  if (after === undefined) return pass('the record names no earlier head', true)
  if (after.origin !== claimedOrigin(bundle)) return pass('the head named is of another log', true)
  return after.size <= index
    ? pass(`the record is younger than size ${after.size}`, true)
    : stop('fail', `the record claims to have seen size ${after.size}, and is entry ${index}`)
}
