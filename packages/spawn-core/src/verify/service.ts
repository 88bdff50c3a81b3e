/** Starts the service, asks it, and lets it drain. */
import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, throwIfAborted } from '../errors.ts'
import type { RunSpecification } from '../template/verification.ts'
import { freePorts, get } from './http.ts'
import { exitText, ProcessGroup } from './process-group.ts'
import { countSamples } from './prometheus.ts'
import { type Finding, fail, pass, type StepRunner } from './report.ts'

/** What the service needs. */
export interface ServiceOptions {
  readonly directory: string
  readonly run: RunSpecification
  readonly env: Readonly<Record<string, string>>
  readonly startMs: number
  readonly drainMs: number
  readonly signal: AbortSignal | undefined
}

const pollMs = 50

interface Ports {
  readonly env: Readonly<Record<string, string>>
  readonly main: number
  readonly metrics: number
}

async function assignPorts(run: RunSpecification): Promise<Ports> {
  const names = Object.keys(run.env).filter((name) => run.env[name] === '{port}')
  const ports = await freePorts(names.length)
  const assigned = new Map(names.map((name, index) => [name, ports[index] ?? 0]))
  const main = assigned.get('PORT') ?? 0
  const texts = [...assigned].map(([name, port]) => [name, String(port)])
  return {
    env: { ...run.env, ...Object.fromEntries(texts) },
    main,
    metrics: assigned.get('METRICS_PORT') ?? main,
  }
}

/** A running service and the questions to it. */
class Probe {
  readonly #options: ServiceOptions
  readonly #ports: Ports
  readonly #group: ProcessGroup
  // Keeps its connection open: a service that waits for such a client to leave would never drain.
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })
  #running = true

  constructor(options: ServiceOptions, ports: Ports) {
    this.#options = options
    this.#ports = ports
    const { run, directory, env } = options
    this.#group = new ProcessGroup(run.command, directory, { ...env, ...ports.env })
    void this.#group.ended.then(() => {
      this.#running = false
    })
  }

  /** Polls until `settle` gives a finding; fails at the deadline. */
  async #poll(
    ms: number,
    late: string,
    settle: () => Promise<Finding | undefined>,
  ): Promise<Finding> {
    const deadline = performance.now() + ms
    while (performance.now() < deadline) {
      throwIfAborted(this.#options.signal)
      const finding = await settle()
      if (finding !== undefined) return finding
      await Promise.race([delay(pollMs), this.#group.ended])
    }
    return fail(`${late}\n${this.#group.output()}`)
  }

  /** 200 on the health path. */
  started(): Promise<Finding> {
    const { health } = this.#options.run
    const { main } = this.#ports
    const late = `GET ${health} did not answer 200 within ${this.#options.startMs} ms`
    return this.#poll(this.#options.startMs, late, async () => {
      if (!this.#running) {
        const exit = await this.#group.ended
        return fail(`the service ${exitText(exit)}\n${this.#group.output()}`)
      }
      const answer = await get(main, health, this.#agent).catch(() => undefined)
      return answer?.status === 200 ? pass(`GET ${health} answered 200`) : undefined
    })
  }

  /** 200 on the ready path. */
  ready(): Promise<Finding> {
    const { ready } = this.#options.run
    const late = `GET ${ready} did not answer 200 within ${this.#options.startMs} ms`
    return this.#poll(this.#options.startMs, late, async () => {
      const answer = await get(this.#ports.main, ready, this.#agent).catch(() => undefined)
      return answer?.status === 200 ? pass(`GET ${ready} answered 200`) : undefined
    })
  }

  /** 200 and Prometheus text on the metrics path. */
  async metrics(): Promise<Finding> {
    const { metrics } = this.#options.run
    const agent = new Agent()
    try {
      const answer = await get(this.#ports.metrics, metrics, agent)
      if (answer.status !== 200) return fail(`GET ${metrics} answered ${answer.status}`)
      if (!/^(text\/plain|application\/openmetrics-text)\b/.test(answer.contentType)) {
        return fail(`GET ${metrics} answered with the content type "${answer.contentType}"`)
      }
      const counted = countSamples(answer.body)
      return 'problem' in counted
        ? fail(`GET ${metrics}: ${counted.problem}`)
        : pass(`GET ${metrics} gave ${counted.samples} samples`)
    } catch (error) {
      return fail(`GET ${metrics}: ${messageOf(error)}`)
    } finally {
      agent.destroy()
    }
  }

  /** On SIGTERM: not ready any more, then exit code 0, while a client keeps its connection open. */
  async drained(): Promise<Finding> {
    const { run, drainMs } = this.#options
    const start = performance.now()
    this.#group.terminate()
    const late = `GET ${run.ready} still answered 200, ${drainMs} ms after SIGTERM`
    const turned = await this.#poll(drainMs, late, async () => {
      const answer = await get(this.#ports.main, run.ready, this.#agent).catch(() => undefined)
      if (answer === undefined) return pass('connection closed')
      return answer.status === 200 ? undefined : pass(`GET ${run.ready} answered ${answer.status}`)
    })
    if (turned.status !== 'pass') return turned
    const left = Math.max(1, drainMs - (performance.now() - start))
    return this.#poll(left, `the service did not end within ${drainMs} ms of SIGTERM`, async () => {
      if (this.#running) return undefined
      const exit = await this.#group.ended
      return exit.code === 0
        ? pass(`${turned.detail}, then exit code 0`)
        : fail(`after SIGTERM the service ${exitText(exit)}\n${this.#group.output()}`)
    })
  }

  /** Ends the service, whatever it does. */
  async end(): Promise<void> {
    await this.#group.stop()
    this.#agent.destroy()
  }
}

async function askService(runner: StepRunner, run: RunSpecification, probe: Probe): Promise<void> {
  const started = await runner.run('service.start', run.command.join(' '), () => probe.started())
  if (started.status !== 'pass') {
    for (const id of ['service.ready', 'service.metrics', 'service.drain']) {
      runner.skip(id, 'the service did not start')
    }
    return
  }
  await runner.run('service.ready', `GET ${run.ready}`, () => probe.ready())
  await runner.run('service.metrics', `GET ${run.metrics}`, () => probe.metrics())
  await runner.run('service.drain', 'SIGTERM', () => probe.drained())
}

/** Runs the steps `service.start`, `.ready`, `.metrics` and `.drain`. The service is ended after. */
export async function verifyService(runner: StepRunner, options: ServiceOptions): Promise<void> {
  const probe = new Probe(options, await assignPorts(options.run))
  try {
    await askService(runner, options.run, probe)
  } finally {
    await probe.end()
  }
}
