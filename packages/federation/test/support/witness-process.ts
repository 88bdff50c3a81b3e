/** Moves a witness forward, against other processes, and tells which sizes it was granted. */
import { openWitnessStore } from '../../src/node.ts'

const [path = '', id = '0', rounds = '0'] = process.argv.slice(2)
const store = await openWitnessStore(path)
const sizes: number[] = []
for (let size = 1; size <= Number(rounds); size += 1) {
  const root = new Uint8Array(32).fill(Number(id))
  const decision = await store.update('example.com/log', (state) => {
    const has = state?.size ?? 0n
    if (has === BigInt(size - 1))
      return { ok: true, status: 200, next: { size: BigInt(size), root } }
    return { ok: false, status: 409, detail: 'another size', size: has }
  })
  if (decision.ok) sizes.push(size)
  // Where it is behind, it goes on from where the others are.
  else if (decision.status === 409 && decision.size >= BigInt(size)) size = Number(decision.size)
}
store.close()
process.send?.(sizes)
