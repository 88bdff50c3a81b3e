/** An RSA time authority by OpenSSL: the tokens that we don't make ourselves. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const configuration = `
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
[leaf]
basicConstraints = CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = settings
[settings]
serial = ./serial
signer_cert = leaf.pem
signer_key = leaf.key
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = sha256
ess_cert_id_alg = sha256
`

/** A token over `data` with an RSA key of `bits`, and the root of its authority. Both DER. */
export function opensslToken(
  openssl: string,
  parent: string,
  data: Uint8Array,
  bits: number,
): { token: Uint8Array; anchor: Uint8Array } {
  const directory = join(parent, 'authority')
  mkdirSync(directory)
  const run = (...args: string[]) =>
    execFileSync(openssl, args, { cwd: directory, stdio: ['ignore', 'pipe', 'ignore'] })
  writeFileSync(join(directory, 'openssl.cnf'), configuration)
  writeFileSync(join(directory, 'serial'), '01\n')
  writeFileSync(join(directory, 'data'), data)
  const make = (name: string, section: string, ...signer: string[]) =>
    run(
      ...['req', '-new', '-x509', '-config', 'openssl.cnf', '-extensions', section],
      ...['-newkey', `rsa:${bits}`, '-noenc', '-keyout', `${name}.key`, '-out', `${name}.pem`],
      ...['-subj', `/CN=benchmark ${name}`, '-days', '30', '-sha256', ...signer],
    )
  make('root', 'ca')
  make('leaf', 'leaf', '-CA', 'root.pem', '-CAkey', 'root.key')
  run('ts', '-query', '-data', 'data', '-sha256', '-cert', '-out', 'request')
  const reply = ['-config', 'openssl.cnf', '-section', 'settings', '-queryfile', 'request']
  run('ts', '-reply', ...reply, '-token_out', '-out', 'token')
  run('x509', '-in', 'root.pem', '-outform', 'DER', '-out', 'root.der')
  const read = (name: string) => new Uint8Array(readFileSync(join(directory, name)))
  return { token: read('token'), anchor: read('root.der') }
}
