const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const

export type LogLevel = (typeof logLevels)[number]

export interface Config {
  /** Address that both listeners bind to. */
  readonly host: string
  /** Port of the API and of the probes; 0 lets the system choose. */
  readonly port: number
  /** Port of `/metrics`; 0 lets the system choose. */
  readonly metricsPort: number
  readonly logLevel: LogLevel
  /** Largest request body, in bytes. */
  readonly bodyLimit: number
  /** Longest time to receive a request, and longest time to answer it, in milliseconds. */
  readonly requestTimeoutMs: number
  /** How long to go on serving after SIGTERM, so that load balancers see `/readyz` fail first. */
  readonly shutdownDelayMs: number
  /** How long requests in flight may take to finish once no new ones are accepted. */
  readonly shutdownTimeoutMs: number
}

/** Names every setting that is wrong, so that one restart is enough to fix them all. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`invalid configuration:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/**
 * Reads the configuration from environment variables; an empty variable counts as not set.
 * @throws ConfigError when any value is out of bounds. Its text never repeats a value, since a
 * secret may have landed in the wrong variable.
 */
export function loadConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const problems: string[] = []

  const integer = (name: string, fallback: number, min: number, max: number): number => {
    const text = env[name]
    if (text === undefined || text === '') return fallback
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    problems.push(`${name} must be a whole number from ${min} to ${max}`)
    return fallback
  }

  const oneOf = <T extends string>(name: string, fallback: T, allowed: readonly T[]): T => {
    const text = env[name]
    if (text === undefined || text === '') return fallback
    const value = allowed.find((candidate) => candidate === text)
    if (value !== undefined) return value
    problems.push(`${name} must be one of ${allowed.join(', ')}`)
    return fallback
  }

  const config: Config = {
    host: env['HOST'] || '127.0.0.1',
    port: integer('PORT', 8080, 0, 65_535),
    metricsPort: integer('METRICS_PORT', 9464, 0, 65_535),
    logLevel: oneOf('LOG_LEVEL', 'info', logLevels),
    bodyLimit: integer('BODY_LIMIT_BYTES', 1_048_576, 1, 104_857_600),
    requestTimeoutMs: integer('REQUEST_TIMEOUT_MS', 10_000, 100, 300_000),
    shutdownDelayMs: integer('SHUTDOWN_DELAY_MS', 0, 0, 60_000),
    shutdownTimeoutMs: integer('SHUTDOWN_TIMEOUT_MS', 20_000, 100, 600_000),
  }

  if (config.port !== 0 && config.port === config.metricsPort) {
    problems.push('METRICS_PORT must differ from PORT')
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return config
}
