import { ConfigError, loadConfig } from './config.ts'
import { type RunningServer, startServer } from './server.ts'
import { readService } from './service.ts'

function fail(error: unknown): never {
  const text = error instanceof ConfigError ? error.message : String(error)
  process.stderr.write(`${text}\n`)
  process.exit(1)
}

function handleSignals({ log, drain }: RunningServer): void {
  let draining = false
  const onSignal = async (signal: NodeJS.Signals) => {
    if (draining) {
      log.error({ signal }, 'second signal: exiting without waiting')
      process.exit(1)
    }
    draining = true
    log.info({ signal }, 'draining')
    const inTime = await drain()
    log.info('stopped')
    process.exit(inTime ? 0 : 1)
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
}

function handleFaults({ log }: RunningServer): void {
  // The state is unknown after a fault nobody caught: say what happened and let the platform restart.
  const onFault = (err: unknown) => {
    log.fatal({ err }, 'uncaught fault')
    process.exit(1)
  }
  process.on('uncaughtException', onFault)
  process.on('unhandledRejection', onFault)
}

try {
  const server = await startServer(loadConfig(process.env), readService())
  handleFaults(server)
  handleSignals(server)
} catch (error) {
  fail(error)
}
