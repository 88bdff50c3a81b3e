import { type Bundle, parseBundle } from '../bundle.ts'
import { type Outcome, pass, stop } from './check.ts'

/** Without one canonical form, two readers could see two different bundles in one file. */
export function checkBundleFormat(bytes: Uint8Array): Outcome<Bundle> {
  const read = parseBundle(bytes)
  return read.ok ? pass('a canonical v0 bundle', read.value) : stop('fail', read.problem)
}
