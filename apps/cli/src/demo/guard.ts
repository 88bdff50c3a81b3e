/**
 * Loaded before anything else (`node --import`), makes every way to the network throw: sockets,
 * DNS, and the child processes that could go around both.
 */
import childProcess from 'node:child_process'
import dgram from 'node:dgram'
import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

function refuse(): never {
  throw new Error('the network is not allowed here')
}

function refuseAll(target: object, pattern: RegExp): void {
  for (const name of Object.getOwnPropertyNames(target)) {
    if (!pattern.test(name)) continue
    Object.defineProperty(target, name, { value: refuse, configurable: false })
  }
}

refuseAll(net.Socket.prototype, /^connect$/)
refuseAll(net.Server.prototype, /^listen$/)
refuseAll(dgram.Socket.prototype, /^(bind|connect|send)$/)
refuseAll(childProcess, /^(exec|execFile|execFileSync|execSync|fork|spawn|spawnSync)$/)
for (const each of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
  refuseAll(each, /^(lookup|lookupService|resolve.*|reverse)$/)
}
syncBuiltinESMExports()
