/** How the tests start `vm`. */
import { inject } from 'vitest'
import type {} from './bundle-vm.ts'

/** The program and the words that start `vm`. */
export function vmCommand(): readonly [string, ...string[]] {
  const [program, ...words] = inject('vmCommand')
  if (program === undefined) throw new Error('vm could not be bundled: see above the tests')
  return [program, ...words]
}
