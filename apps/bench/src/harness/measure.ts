/** Runs one case: checks, warms up, and lets the variants take turns. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '@vaultmesh/testing/programs'
import { collectGarbage, type Effort } from './call.ts'
import type { BenchCase, CaseContext, Prepared, Scale } from './case.ts'
import { startLauncher } from './launcher.ts'
import { peakMemory, resetPeak, residentMemory } from './memory.ts'
import { randomNumbers, shuffled } from './random.ts'
import type { CaseResult, VariantResult } from './result.ts'
import { makeSampler, ResultCheck, type Sampler } from './samplers.ts'
import { median } from './statistics.ts'

const rounds: Readonly<Record<Scale, number>> = { smoke: 1, normal: 30, full: 30 }
/** How hard to try, by scale. */
export const efforts: Readonly<Record<Scale, Effort>> = {
  smoke: { warmMs: 0, sampleMs: 0 },
  normal: { warmMs: 200, sampleMs: 4 },
  full: { warmMs: 200, sampleMs: 4 },
}

/**
 * Runs `work` on a prepared case in a folder of its own, and cleans up. The folder is on the disk
 * of this repository: `/tmp` may be memory, where a sync costs nothing.
 */
export async function withPrepared<T>(
  benchCase: BenchCase,
  scale: Scale,
  work: (prepared: Prepared) => Promise<T>,
): Promise<T> {
  const scratch = join(import.meta.dirname, '../../build/scratch')
  mkdirSync(scratch, { recursive: true })
  const directory = mkdtempSync(join(scratch, 'case-'))
  const context: CaseContext = { scale, directory, program: findProgram }
  try {
    const prepared = await benchCase.prepare(context)
    try {
      return await work(prepared)
    } finally {
      await prepared.dispose?.()
    }
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function load(): number {
  return loadavg()[0] ?? 0
}

function rounded(sample: number): number {
  return Number(sample.toPrecision(5))
}

async function takeTurns(
  samplers: readonly Sampler[],
  count: number,
): Promise<ReadonlyMap<Sampler, readonly number[]>> {
  const samples = new Map<Sampler, number[]>(samplers.map((sampler) => [sampler, []]))
  const random = randomNumbers(count)
  for (let round = 0; round < count; round += 1) {
    for (const sampler of shuffled(samplers, random)) {
      const begin = performance.now()
      samples.get(sampler)?.push(...(await sampler.take()))
      await collectGarbage(performance.now() - begin)
    }
  }
  return samples
}

function wholeMiB({ peak, base }: { readonly peak: number; readonly base?: number }) {
  return { peak: Math.round(peak), ...(base === undefined ? {} : { base: Math.round(base) }) }
}

async function variantResult(
  sampler: Sampler,
  samples: readonly number[],
  rounds: number,
): Promise<VariantResult> {
  const { name, role, kind, note } = sampler.variant
  const { memory, cpu } = await sampler.end()
  return {
    name,
    role,
    kind,
    ...(note === undefined ? {} : { note }),
    samples: samples.map(rounded),
    perRound: samples.length / rounds,
    callsPerSample: sampler.callsPerSample,
    ...(memory === undefined ? {} : { memory: wholeMiB(memory) }),
    ...(cpu === undefined ? {} : { cpu: rounded(cpu) }),
  }
}

/** Measures a case in this process. Throws what the case throws, and where two results differ. */
export async function measureCase(
  id: string,
  benchCase: BenchCase,
  scale: Scale,
): Promise<CaseResult> {
  const begin = performance.now()
  const before = load()
  return withPrepared(benchCase, scale, async (prepared) => {
    const launcher = startLauncher()
    const samplers: Sampler[] = []
    try {
      const check = new ResultCheck()
      const isolation = prepared.isIsolated ? { id, scale } : undefined
      for (const variant of prepared.variants) {
        samplers.push(await makeSampler(variant, check, launcher, efforts[scale], isolation))
      }
      const count = Math.min(rounds[scale], prepared.rounds ?? Number.POSITIVE_INFINITY)
      const samples = await takeTurns(samplers, count)
      const variants: VariantResult[] = []
      for (const sampler of samplers) {
        variants.push(await variantResult(sampler, samples.get(sampler) ?? [], count))
      }
      const medians = new Map(variants.map(({ name, samples }) => [name, median(samples)]))
      const { input, items, absent = [], notes = [], subject = variants[0]?.name } = prepared
      return {
        id,
        title: benchCase.title,
        input,
        ...(items === undefined ? {} : { items }),
        ...(subject == null || variants.length < 2 ? {} : { subject }),
        variants,
        absent,
        notes,
        figures: (await prepared.figures?.(medians)) ?? [],
        load: [before, load()],
        seconds: Math.round((performance.now() - begin) / 100) / 10,
      }
    } catch (error) {
      await Promise.allSettled(samplers.map((sampler) => sampler.end()))
      throw error
    } finally {
      launcher.close()
    }
  })
}

/**
 * The memory of one `call` variant, in a process that runs nothing else: `base` before the work,
 * `peak` while it was done three times. MiB.
 */
export async function measureMemory(
  id: string,
  benchCase: BenchCase,
  scale: Scale,
  name: string,
): Promise<{ peak: number; base?: number }> {
  return withPrepared(benchCase, scale, async ({ variants }) => {
    const variant = variants.find((candidate) => candidate.name === name)
    if (variant?.kind !== 'call') throw new Error(`${id} has no function ${name}`)
    await variant.setup?.()
    await collectGarbage(Number.POSITIVE_INFINITY)
    const base = residentMemory()
    resetPeak()
    for (let i = 0; i < 3; i += 1) {
      await variant.before?.()
      await variant.run()
    }
    return wholeMiB({ peak: peakMemory(), base })
  })
}
