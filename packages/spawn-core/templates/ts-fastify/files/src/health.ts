import type { FastifyInstance } from 'fastify'

/** Resolves while the dependency can serve; rejects, or outlives the signal, when it cannot. */
export type ReadinessCheck = (signal: AbortSignal) => Promise<void>

interface Report {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, 'ok' | 'failed'>>
  readonly errors: ReadonlyMap<string, unknown>
}

/** Decides whether this instance should receive traffic. */
export class Readiness {
  readonly #checks = new Map<string, ReadinessCheck>()
  readonly #timeoutMs: number
  #draining = false

  constructor(timeoutMs = 1_000) {
    this.#timeoutMs = timeoutMs
  }

  /** Adds a dependency that `/readyz` asks each time. Throws if the name is taken. */
  register(name: string, check: ReadinessCheck): void {
    if (this.#checks.has(name)) throw new Error(`readiness check ${name} is registered twice`)
    this.#checks.set(name, check)
  }

  /** Reports not ready from now on, whatever the checks say. */
  drain(): void {
    this.#draining = true
  }

  get draining(): boolean {
    return this.#draining
  }

  /** Runs all checks side by side, each bounded by the timeout. */
  async report(): Promise<Report> {
    const errors = new Map<string, unknown>()
    const results = await Promise.all(
      Array.from(this.#checks, async ([name, check]) => {
        try {
          await this.#bounded(check)
          return [name, 'ok'] as const
        } catch (error) {
          errors.set(name, error)
          return [name, 'failed'] as const
        }
      }),
    )
    return {
      ready: !this.#draining && errors.size === 0,
      checks: Object.fromEntries(results),
      errors,
    }
  }

  async #bounded(check: ReadinessCheck): Promise<void> {
    const signal = AbortSignal.timeout(this.#timeoutMs)
    const expired = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    })
    await Promise.race([check(signal), expired])
  }
}

/** Paths that only the platform calls; they stay out of the access log and the request metrics. */
export const probePaths: ReadonlySet<string> = new Set(['/healthz', '/readyz'])

/** Adds `/healthz` (the process answers) and `/readyz` (it should get traffic). */
export function addProbes(app: FastifyInstance, readiness: Readiness): void {
  // Liveness asks no dependency: restarting this process would not repair one.
  app.get('/healthz', async () => ({ status: 'ok' }))

  app.get('/readyz', async (request, reply) => {
    const { ready, checks, errors } = await readiness.report()
    for (const [check, err] of errors) request.log.warn({ check, err }, 'readiness check failed')
    const status = ready ? 'ready' : readiness.draining ? 'draining' : 'not ready'
    return reply.code(ready ? 200 : 503).send({ status, checks })
  })
}
