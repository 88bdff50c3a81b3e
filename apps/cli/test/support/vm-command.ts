/** How the tests start `vm`. */
import { inject } from 'vitest'
import type {} from './bundle-vm.ts'

/** The program and the words that start `vm`. */
export function vmCommand(): readonly [string, ...string[]] {
  return inject('vmCommand')
}
