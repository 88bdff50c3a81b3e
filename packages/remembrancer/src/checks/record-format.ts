import type { Entry } from '../entry.ts'
import { type MemoryRecord, parseRecord } from '../record.ts'
import { type Outcome, pass, stop } from './check.ts'

/** A record of a kind that this verifier can't judge is refused, not waved through. */
export function checkRecordFormat(entry: Entry): Outcome<MemoryRecord> {
  const read = parseRecord(entry.payload)
  return read.ok ? pass(`a ${read.value.kind} in v0`, read.value) : stop('fail', read.problem)
}
