import type { Bundle } from '../bundle.ts'
import { type Entry, parseEntry } from '../entry.ts'
import { type Outcome, pass, stop } from './check.ts'

/** The leaf must have one reading too: the log vouches for its bytes alone. */
export function checkEntryFormat(bundle: Bundle): Outcome<Entry> {
  const read = parseEntry(bundle.entry)
  if (!read.ok) return stop('fail', read.problem)
  const { signatures, timestamps } = read.value
  const detail = `a canonical v0 entry; signatures: ${signatures.length}, tokens: ${timestamps.length}`
  return pass(detail, read.value)
}
