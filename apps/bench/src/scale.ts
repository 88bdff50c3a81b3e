/** The scale that a worker is told. */
import type { Scale } from './harness/case.ts'

const scales: readonly Scale[] = ['smoke', 'normal', 'full']

/** Reads a scale. Throws where there is none of that name. */
export function readScale(name: string): Scale {
  const scale = scales.find((each) => each === name)
  if (scale === undefined) throw new Error(`there is no scale ${name}`)
  return scale
}
