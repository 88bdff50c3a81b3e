/** What every command that listens must refuse. */
import { isIP, isIPv4 } from 'node:net'
import { VmError } from './errors.ts'

function isLoopback(host: string): boolean {
  return host === '::1' || (isIPv4(host) && host.startsWith('127.'))
}

/** Who can reach an address. @throws {VmError} `VM_USAGE` for what is no IP address */
export function exposureOf(host: string): 'loopback' | 'network' {
  if (isIP(host) !== 0) return isLoopback(host) ? 'loopback' : 'network'
  throw new VmError('VM_USAGE', `"${host}" is no IP address`, {
    hint: 'give an address such as 127.0.0.1, ::1 or 0.0.0.0',
  })
}

/**
 * Refuses an address that others can reach: nothing that `vm` serves asks who is there.
 *
 * @throws {VmError} `VM_NOT_ALLOWED`
 */
export function requireLoopback(host: string): void {
  if (isLoopback(host)) return
  throw new VmError('VM_NOT_ALLOWED', `${host} is no loopback address`, {
    hint: 'serve 127.0.0.1, and put a reverse proxy with TLS and limits in front of it',
  })
}

/** @throws {VmError} `VM_USAGE` for what is no port */
export function requirePort(port: bigint): number {
  if (port <= 65_535n) return Number(port)
  throw new VmError('VM_USAGE', `--port is ${port}, and must be at most 65535`)
}

/** Where a command listens. */
export interface Address {
  readonly host: string
  readonly port: number
}

/**
 * The address that the options of a command name.
 *
 * @throws {VmError} `VM_NOT_ALLOWED`, `VM_USAGE`
 */
export function loopbackAddress(
  {
    host = '127.0.0.1',
    port,
  }: { readonly host: string | undefined; readonly port: bigint | undefined },
  usualPort: bigint,
): Address {
  requireLoopback(host)
  return { host, port: requirePort(port ?? usualPort) }
}
