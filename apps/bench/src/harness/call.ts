/** Times a function: in batches, each of which is one sample. */
import { Bench } from 'tinybench'
import type { CallVariant } from './case.ts'
import { median } from './statistics.ts'

/** How long to warm up and how long a sample should at least take, in milliseconds. */
export interface Effort {
  readonly warmMs: number
  readonly sampleMs: number
}

/** A function that was set up, run once and warmed up. */
export interface WarmCall {
  readonly callsPerSample: number
  /** One sample: the mean milliseconds of that many calls. */
  take(): Promise<number>
}

/** A sample that takes longer leaves so much garbage that the next one must not pay for it. */
const longSampleMs = 50

/** Collects the garbage of what took `ms`, where this process was told that it may. */
export async function collectGarbage(ms: number): Promise<void> {
  const type = ms > longSampleMs ? 'major' : 'minor'
  await globalThis.gc?.({ type, execution: 'sync' })
}

/**
 * Runs a variant once, shows its result to `accept`, which may throw, and warms it up. Its `setup`
 * is the caller's.
 */
export async function warmUp(
  { name, run, before, result, single }: CallVariant,
  { warmMs, sampleMs }: Effort,
  accept: (result: string) => void,
): Promise<WarmCall> {
  const begin = performance.now()
  const times: number[] = []
  let isAsync = false
  const runOnce = async (): Promise<unknown> => {
    await before?.()
    const start = performance.now()
    const value = run()
    isAsync = value instanceof Promise
    const settled = isAsync ? await value : value
    times.push(performance.now() - start)
    return settled
  }
  accept(result(await runOnce()))
  while (performance.now() - begin < warmMs) await runOnce()
  const calls = single ? 1 : Math.max(1, Math.ceil(sampleMs / median(times)))

  // One sample per run of tinybench, so that the variants of a case take turns.
  const bench = new Bench({ iterations: 1, time: 0, warmup: false, throws: true })
  const mean = (from: number) => {
    const elapsed = bench.now() - from
    return { overriddenDuration: elapsed / calls, overriddenIterationCost: elapsed }
  }
  const batch = isAsync
    ? async () => {
        const from = bench.now()
        for (let i = 0; i < calls; i += 1) await run()
        return mean(from)
      }
    : () => {
        const from = bench.now()
        for (let i = 0; i < calls; i += 1) run()
        return mean(from)
      }
  bench.add(name, batch, {
    async: isAsync,
    ...(before === undefined ? {} : { beforeEach: async () => before() }),
  })
  const [task] = bench.tasks
  if (task === undefined) throw new Error('tinybench lost its task')
  return {
    callsPerSample: calls,
    async take() {
      task.reset()
      await task.run()
      const { result } = task
      if (result.state !== 'completed') throw new Error(`${name}: ${result.state}`)
      return result.latency.mean
    },
  }
}
