/** Runs a case through its workers. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { findCase } from './cases/index.ts'
import type { Scale } from './harness/case.ts'
import type { Absence, CaseResult, VariantResult } from './harness/result.ts'

/** A case's result, or why there is none. */
export type Ran =
  | { readonly kind: 'measured'; readonly result: CaseResult }
  | { readonly kind: 'absent'; readonly absence: Absence }
  | { readonly kind: 'failed'; readonly id: string; readonly message: string }

interface WorkerOptions {
  readonly scale: Scale
  readonly sources: boolean
}

function worker(id: string, { scale, sources }: WorkerOptions, variant?: string): Promise<unknown> {
  // Its own flags too: a Node that strips types only when it is told to was told.
  const flags = [...process.execArgv, '--expose-gc', '--disable-warning=ExperimentalWarning']
  if (sources) flags.push('--conditions=@vaultmesh/source')
  const script = join(import.meta.dirname, 'worker.ts')
  const args = [...flags, script, id, scale, ...(variant === undefined ? [] : [variant])]
  // A certificate bundle that Node reads at its start is no work of ours or of a peer.
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined, NODE_OPTIONS: undefined }
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    const [output, errors]: [Buffer[], Buffer[]] = [[], []]
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve(JSON.parse(Buffer.concat(output).toString()))
      else reject(new Error(Buffer.concat(errors).toString().trim() || `ended with ${code}`))
    })
  })
}

/** The parts of a worker's answer: it is our own code on the other side. */
type Answer = CaseResult | { readonly unavailable: string }

async function withMemory(
  id: string,
  variant: VariantResult,
  options: WorkerOptions,
): Promise<VariantResult> {
  if (variant.memory !== undefined) return variant
  const memory = (await worker(id, options, variant.name)) as { peak: number; base: number }
  return { ...variant, memory }
}

/** Measures a case: its times in one process, the memory of each of its functions in another. */
export async function runCase(id: string, options: WorkerOptions): Promise<Ran> {
  const { only } = findCase(id)
  if (only === 'full' && options.scale === 'normal') {
    return { kind: 'absent', absence: { name: id, why: 'only with --full' } }
  }
  try {
    const answer = (await worker(id, options)) as Answer
    if ('unavailable' in answer) {
      return { kind: 'absent', absence: { name: id, why: answer.unavailable, missing: true } }
    }
    const variants: VariantResult[] = []
    for (const [i, variant] of answer.variants.entries()) {
      // A smoke run tries it once for each case.
      const isWanted = variant.kind === 'call' && (options.scale !== 'smoke' || i === 0)
      variants.push(isWanted ? await withMemory(id, variant, options) : variant)
    }
    return { kind: 'measured', result: { ...answer, variants } }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return { kind: 'failed', id, message }
  }
}
