/** One way to take samples of each kind of variant. */
import { type Effort, warmUp } from './call.ts'
import type { CallVariant, ProcessVariant, Scale, TimedVariant, Variant } from './case.ts'
import { startIsolated } from './isolated.ts'
import type { Launcher } from './launcher.ts'
import { peakMemory, resetPeak, residentMemory } from './memory.ts'
import { median } from './statistics.ts'

/** A variant that was set up, checked and warmed up. */
export interface Sampler {
  readonly variant: Variant
  /** The samples of one round, in milliseconds per operation; always as many. */
  take(): Promise<readonly number[]>
  readonly callsPerSample: number
  /** Ends what it runs in, and says what that used. */
  end(): Promise<Usage>
}

/** The most memory that a variant held, in MiB, and before it; and its processor time in milliseconds. */
export interface Usage {
  readonly memory?: { readonly peak: number; readonly base?: number }
  readonly cpu?: number
}

/** A result that differs from that of the other variants: nothing of the case is timed. */
class DifferentResult extends Error {
  override readonly name = 'DifferentResult'
}

/** Holds every variant's result to the first one's. */
export class ResultCheck {
  #expected: { readonly name: string; readonly result: string } | undefined

  /** Throws {@link DifferentResult}. */
  check(name: string, result: string): void {
    this.#expected ??= { name, result }
    if (result !== this.#expected.result) {
      const { name: other, result: expected } = this.#expected
      throw new DifferentResult(`${name} gives ${result}, and ${other} gives ${expected}`)
    }
  }
}

async function callSampler(
  variant: CallVariant,
  check: ResultCheck,
  effort: Effort,
): Promise<Sampler> {
  await variant.setup?.()
  const call = await warmUp(variant, effort, (result) => check.check(variant.name, result))
  return {
    variant,
    callsPerSample: call.callsPerSample,
    take: async () => [await call.take()],
    end: async () => ({}),
  }
}

async function isolatedSampler(
  variant: CallVariant,
  check: ResultCheck,
  { id, scale }: Isolation,
): Promise<Sampler> {
  const call = await startIsolated(id, scale, variant.name)
  try {
    check.check(variant.name, call.result)
  } catch (error) {
    await call.end()
    throw error
  }
  return {
    variant,
    callsPerSample: call.callsPerSample,
    take: async () => [await call.take()],
    end: async () => ({ memory: await call.end() }),
  }
}

async function processSampler(
  variant: ProcessVariant,
  check: ResultCheck,
  launcher: Launcher,
): Promise<Sampler> {
  const { command, cwd, env, name } = variant
  const peaks: number[] = []
  const cpu: number[] = []
  const runOnce = async () => {
    await variant.before?.()
    const launched = await launcher.run({ command, cwd, env })
    if (launched.code !== 0) {
      throw new Error(
        `${name}: ${command.join(' ')} ended with ${launched.code}: ${launched.output}`,
      )
    }
    return launched
  }
  // Twice: the second start finds the program's files in memory, as all later ones do.
  for (let i = 0; i < 2; i += 1) check.check(name, variant.result((await runOnce()).output))
  return {
    variant,
    callsPerSample: 1,
    async take() {
      const { wall, user, system, peak } = await runOnce()
      if (peak !== undefined) peaks.push(peak)
      if (user !== undefined && system !== undefined) cpu.push(user + system)
      return [wall]
    },
    end: async () =>
      peaks.length === 0 ? {} : { memory: { peak: Math.max(...peaks) }, cpu: median(cpu) },
  }
}

async function timedSampler(variant: TimedVariant, check: ResultCheck): Promise<Sampler> {
  let most: { peak: number; base?: number } = { peak: 0 }
  const runOnce = async () => {
    await variant.before?.()
    const base = residentMemory()
    resetPeak()
    const { samples, result, memory = { peak: peakMemory(), base } } = await variant.run()
    if (memory.peak > most.peak) most = memory
    check.check(variant.name, result)
    return samples
  }
  // A process of its own warms itself up.
  const perRound = variant.process ? 1 : (await runOnce()).length
  return {
    variant,
    callsPerSample: 1,
    async take() {
      const samples = await runOnce()
      if (samples.length !== perRound) {
        throw new Error(`${variant.name} gave ${samples.length} samples instead of ${perRound}`)
      }
      return samples
    },
    end: async () => ({ memory: most }),
  }
}

/** Where functions run that get a process of their own: the case, and how much it does. */
export interface Isolation {
  readonly id: string
  readonly scale: Scale
}

/** Sets a variant up, holds its result to the others', and warms it up. */
export async function makeSampler(
  variant: Variant,
  check: ResultCheck,
  launcher: Launcher,
  effort: Effort,
  isolation?: Isolation,
): Promise<Sampler> {
  if (variant.kind === 'call') {
    return isolation === undefined
      ? callSampler(variant, check, effort)
      : isolatedSampler(variant, check, isolation)
  }
  await variant.setup?.()
  return variant.kind === 'process'
    ? processSampler(variant, check, launcher)
    : timedSampler(variant, check)
}
