/** The commands that show that a service works: part of `template.yaml` and of the manifest. */
import { isMembers } from '../json.ts'
import { textProblem } from '../names.ts'

/** An argument list: a program and its arguments. No shell reads it. */
export type Command = readonly [string, ...string[]]

/** How to start the service, and where it answers. */
export interface RunSpecification {
  readonly command: Command
  /** Each value `{port}` stands for a free loopback port of its own. */
  readonly env: Readonly<Record<string, string>>
  /** Path on `PORT` that answers 200 while the process lives. */
  readonly health: string
  /** Path on `PORT` that answers 200 while the service takes requests. */
  readonly ready: string
  /** Path on `METRICS_PORT`, or `PORT` without that, that answers in Prometheus text format. */
  readonly metrics: string
}

/** What the tier `test` does. */
export interface Verification {
  readonly test: readonly Command[]
  readonly run?: RunSpecification
}

type Complain = (problem: string) => void

function isArgument(value: unknown): value is string {
  return typeof value === 'string' && textProblem(value) === undefined
}

function parseCommand(value: unknown): Command | undefined {
  if (!Array.isArray(value) || value.length > 64) return undefined
  const [program, ...rest]: unknown[] = value
  return isArgument(program) && program !== '' && rest.every(isArgument)
    ? [program, ...rest]
    : undefined
}

function parseTest(value: unknown, complain: Complain): Command[] {
  if (!Array.isArray(value) || value.length > 32) {
    complain('verify.test must be a list of at most 32 argument lists')
    return []
  }
  return value.flatMap((item: unknown, index) => {
    const command = parseCommand(item)
    if (command === undefined) complain(`verify.test[${index}] must be a list of texts`)
    return command === undefined ? [] : [command]
  })
}

function parseEnvironment(value: unknown, complain: Complain): Record<string, string> {
  const env: Record<string, string> = {}
  if (!isMembers(value) || Object.keys(value).length > 64) {
    complain('verify.run.env must be a mapping of at most 64 texts')
    return env
  }
  for (const [name, text] of Object.entries(value)) {
    // What the loader and Node take from the environment would run other code than the command says.
    if (!/^[A-Z][A-Z0-9_]*$/.test(name) || /^(LD_|DYLD_|NODE_OPTIONS$|PATH$)/.test(name)) {
      complain(`verify.run.env.${name} is not a variable that a template may set`)
    } else if (!isArgument(text)) {
      complain(`verify.run.env.${name} must be text`)
    } else {
      env[name] = text
    }
  }
  if (env['PORT'] !== '{port}') complain('verify.run.env.PORT must be "{port}"')
  return env
}

function isUrlPath(value: unknown): value is string {
  return typeof value === 'string' && /^\/[A-Za-z0-9._~/-]{0,200}$/.test(value)
}

function parseRun(value: unknown, complain: Complain): RunSpecification | undefined {
  if (!isMembers(value)) {
    complain('verify.run must be a mapping')
    return undefined
  }
  const { command, env, health, ready, metrics, ...rest } = value
  for (const name of Object.keys(rest)) complain(`verify.run.${name} is not known`)
  const parsed = parseCommand(command)
  if (parsed === undefined) complain('verify.run.command must be a list of texts')
  const environment = parseEnvironment(env, complain)
  if (!isUrlPath(health) || !isUrlPath(ready) || !isUrlPath(metrics)) {
    complain('verify.run.health, ready and metrics must be paths of a URL')
    return undefined
  }
  return parsed && { command: parsed, env: environment, health, ready, metrics }
}

/** Reads the member `verify` of a `template.yaml` or a manifest. */
export function parseVerification(value: unknown, complain: Complain): Verification {
  if (!isMembers(value)) {
    complain('verify must be a mapping')
    return { test: [] }
  }
  const { test, run, ...rest } = value
  for (const name of Object.keys(rest)) complain(`verify.${name} is not known`)
  const commands = parseTest(test, complain)
  const parsed = run === undefined ? undefined : parseRun(run, complain)
  return parsed === undefined ? { test: commands } : { test: commands, run: parsed }
}
