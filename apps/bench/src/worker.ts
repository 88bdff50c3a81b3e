/**
 * Runs one case in a process of its own, so that no case works in the garbage or with the compiled
 * code of another: `node worker.ts CASE SCALE [VARIANT]`. Writes one line of JSON: the result, with
 * VARIANT its memory, or `{"unavailable": why}`.
 */
import { findCase } from './cases/index.ts'
import { Unavailable } from './harness/case.ts'
import { measureCase, measureMemory } from './harness/measure.ts'
import { readScale } from './scale.ts'

const [id = '', scaleName = '', variant] = process.argv.slice(2)
const scale = readScale(scaleName)

async function answer(): Promise<unknown> {
  try {
    const benchCase = await findCase(id).load()
    return variant === undefined
      ? await measureCase(id, benchCase, scale)
      : await measureMemory(id, benchCase, scale, variant)
  } catch (error) {
    if (error instanceof Unavailable) return { unavailable: error.message }
    throw error
  }
}

try {
  process.stdout.write(`${JSON.stringify(await answer())}\n`)
} catch (error) {
  const said = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${said}\n`)
  process.exitCode = 1
}
