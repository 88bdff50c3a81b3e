/** The side of a server's process: it listens, and answers what the measuring process asks. */
import type { FastifyInstance } from 'fastify'
import { peakMemory, resetPeak, residentMemory } from '../../harness/memory.ts'

/** What a server has used since it was last asked. */
export interface ServerUsage {
  /** Processor time of the process, in milliseconds. */
  readonly cpu: number
  /** MiB. */
  readonly peak: number
  /** MiB at its start, with nothing asked of it yet. */
  readonly base: number
}

/**
 * Listens on a free port of loopback and says so, with what else there is to know. Answers each
 * message with what `answers` has for it; `usage` is always there. Closes, and then calls `closed`,
 * when it is cut off.
 */
export async function serve(
  app: FastifyInstance,
  facts: object,
  answers: Readonly<Record<string, () => unknown>> = {},
  closed: () => unknown = () => undefined,
): Promise<void> {
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  const base = residentMemory()
  let before = process.cpuUsage()
  const usage = (): ServerUsage => {
    const { user, system } = process.cpuUsage(before)
    before = process.cpuUsage()
    const peak = peakMemory()
    resetPeak()
    return { cpu: (user + system) / 1000, peak, base }
  }
  const known: typeof answers = { usage, ...answers }
  process.on('message', (question: string) => {
    process.send?.(known[question]?.() ?? null)
  })
  process.on('disconnect', () => void app.close().then(closed))
  process.send?.({ url, ...facts })
}
