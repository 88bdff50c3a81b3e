/** The readers of untrusted input, tried with mutated real inputs for as long as this step may take. */
import type { Step } from '../lib/step.ts'
import { runTests } from '../lib/vitest.ts'

/** For how long each reader is tried. */
const seconds = '2'

/** One step: the readers of `packages/merkle`, one after the other. */
export function fuzzSteps(): Step[] {
  return [
    {
      name: 'fuzz',
      run: ({ onOutput }) =>
        runTests({
          node: process.execPath,
          args: ['packages/merkle/test/fuzz.test.ts'],
          env: { VAULTMESH_FUZZ_SECONDS: seconds },
          onOutput,
        }),
    },
  ]
}
