/** What every command that listens must refuse. */
import { isIPv4 } from 'node:net'
import { VmError } from './errors.ts'

/**
 * Refuses an address that others can reach: nothing that `vm` serves asks who is there.
 *
 * @throws {VmError} `VM_NOT_ALLOWED`
 */
export function requireLoopback(host: string): void {
  if (host === '::1' || (isIPv4(host) && host.startsWith('127.'))) return
  throw new VmError('VM_NOT_ALLOWED', `${host} is no loopback address`, {
    hint: 'serve 127.0.0.1, and put a reverse proxy with TLS and limits in front of it',
  })
}

/** @throws {VmError} `VM_USAGE` for what is no port */
export function requirePort(port: bigint): number {
  if (port <= 65_535n) return Number(port)
  throw new VmError('VM_USAGE', `--port is ${port}, and must be at most 65535`)
}
