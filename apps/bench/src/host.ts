/**
 * Runs one function of a case in a process that holds no other's garbage or compiled code, at the
 * word of `harness/isolated.ts`: `fork('host.ts', [CASE, SCALE, VARIANT])`.
 */
import { on } from 'node:events'
import { findCase } from './cases/index.ts'
import { collectGarbage, warmUp } from './harness/call.ts'
import type { HostMessage } from './harness/isolated.ts'
import { efforts, withPrepared } from './harness/measure.ts'
import { peakMemory, resetPeak, residentMemory } from './harness/memory.ts'
import { readScale } from './scale.ts'

const [id = '', scaleName = '', name] = process.argv.slice(2)
const scale = readScale(scaleName)

function send(message: HostMessage): void {
  process.send?.(message)
}

const benchCase = await findCase(id).load()
await withPrepared(benchCase, scale, async ({ variants }) => {
  const variant = variants.find((candidate) => candidate.name === name)
  if (variant?.kind !== 'call') throw new Error(`${id} has no function ${name}`)
  await variant.setup?.()
  await collectGarbage(Number.POSITIVE_INFINITY)
  const base = residentMemory()
  resetPeak()
  let result = ''
  const call = await warmUp(variant, efforts[scale], (given) => {
    result = given
  })
  const orders = on(process, 'message')
  send({ kind: 'ready', result, callsPerSample: call.callsPerSample })
  for await (const [order] of orders) {
    if (order !== 'take') break
    const begin = performance.now()
    send({ kind: 'sample', ms: await call.take() })
    await collectGarbage(performance.now() - begin)
  }
  send({ kind: 'memory', peak: peakMemory(), base })
})
process.disconnect()
