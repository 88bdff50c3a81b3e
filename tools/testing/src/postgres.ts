/** A PostgreSQL server of a test's own: a new cluster in a temporary folder, on a Unix socket. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { findPostgres } from './programs.ts'

const run = promisify(execFile)

/** A server that runs. */
export interface PostgresServer {
  /** What `pg` connects with. Nobody but this machine's users can. */
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly database: string
  }
  /** Ends it and removes its files. */
  stop(): Promise<void>
}

/** How to run it. */
export interface PostgresOptions {
  /** Whether commits wait for the disk: not by default, which is faster. */
  readonly fsync?: boolean
}

/** A user of this system that may own the server's files: it refuses to run as root. */
async function unprivileged(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const idOf = async (flag: string): Promise<number> =>
    Number((await run('id', [flag, 'nobody'])).stdout)
  return { uid: await idOf('-u'), gid: await idOf('-g') }
}

/** Starts a server. Rejects where PostgreSQL is absent or does not come up. */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const programs = findPostgres()
  if (programs === undefined) throw new Error('there is no PostgreSQL on this machine')
  const owner = await unprivileged()
  // Short, because the path of a socket can't be long.
  const home = mkdtempSync(join(tmpdir(), 'pg-'))
  if (owner !== undefined) chownSync(home, owner.uid, owner.gid)
  const data = join(home, 'data')
  const child = { cwd: home, env: { PATH: process.env['PATH'], LC_ALL: 'C' }, ...owner }
  let server: ChildProcess | undefined
  const stop = async (): Promise<void> => {
    if (server !== undefined && server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit')
      server.kill('SIGQUIT')
      await ended
    }
    rmSync(home, { recursive: true, force: true })
  }
  try {
    const initial = ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-sync']
    await run(join(programs, 'initdb'), initial, child)
    const settings = ['listen_addresses=', `fsync=${options.fsync === true ? 'on' : 'off'}`]
    const flags = settings.flatMap((setting) => ['-c', setting])
    server = spawn(join(programs, 'postgres'), ['-D', data, '-k', home, '-p', '5432', ...flags], {
      ...child,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await ready(server)
    return { connection: { host: home, port: 5432, user: 'postgres', database: 'postgres' }, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

function ready(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const lines: string[] = []
    server.on('error', reject)
    server.on('exit', () => reject(new Error(`PostgreSQL did not start:\n${lines.join('\n')}`)))
    if (server.stderr === null) return
    createInterface(server.stderr).on('line', (line) => {
      lines.push(line)
      if (line.includes('ready to accept connections')) resolve()
    })
  })
}
