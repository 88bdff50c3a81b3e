/**
 * Secret keys as PKCS#8 PEM, encrypted with a passphrase (RFC 5958, PBES2 of RFC 8018).
 *
 * Node's own export stretches a passphrase by 2048 rounds only, which a graphics card undoes at
 * millions of guesses a second. This writes the same format, which OpenSSL reads, with 600,000.
 */
import {
  createCipheriv,
  createPrivateKey,
  type KeyObject,
  pbkdf2 as pbkdf2Callback,
  randomBytes,
} from 'node:crypto'
import { promisify } from 'node:util'

const pbkdf2 = promisify(pbkdf2Callback)

/** OWASP's figure for PBKDF2 with HMAC-SHA-256. */
const iterations = 600_000

const oids = {
  pbes2: '06092a864886f70d01050d',
  pbkdf2: '06092a864886f70d01050c',
  hmacSha256: '06082a864886f70d0209',
  aes256Cbc: '060960864801650304012a',
}

function tlv(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...head]), content])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tlv(0x30, ...parts)
}

function oid(name: keyof typeof oids): Buffer {
  return Buffer.from(oids[name], 'hex')
}

function parameters(salt: Buffer, iv: Buffer): Buffer {
  const rounds = Buffer.from([iterations >> 16, (iterations >> 8) & 255, iterations & 255])
  const hmac = sequence(oid('hmacSha256'), tlv(0x05))
  const stretching = sequence(tlv(0x04, salt), tlv(0x02, rounds), hmac)
  const cipher = sequence(oid('aes256Cbc'), tlv(0x04, iv))
  return sequence(oid('pbes2'), sequence(sequence(oid('pbkdf2'), stretching), cipher))
}

function toPem(label: string, der: Buffer): string {
  const lines = der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`
}

const encryptedLabel = 'ENCRYPTED PRIVATE KEY'

/** The PEM of a private key, encrypted unless the passphrase is `null`. */
export async function encodePrivateKey(key: KeyObject, passphrase: string | null): Promise<string> {
  const plain = key.export({ type: 'pkcs8', format: 'der' })
  if (passphrase === null) return toPem('PRIVATE KEY', plain)
  const salt = randomBytes(16)
  const iv = randomBytes(16)
  const secret = await pbkdf2(passphrase, salt, iterations, 32, 'sha256')
  const cipher = createCipheriv('aes-256-cbc', secret, iv)
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()])
  return toPem(encryptedLabel, sequence(parameters(salt, iv), tlv(0x04, encrypted)))
}

/** Whether a PEM needs a passphrase. */
export function isEncrypted(pem: string): boolean {
  return pem.includes(`-----BEGIN ${encryptedLabel}-----`)
}

/** The key of a PEM, or undefined where it can't be read (with this passphrase). */
export function decodePrivateKey(
  pem: string,
  passphrase: string | undefined,
): KeyObject | undefined {
  try {
    return createPrivateKey(passphrase === undefined ? pem : { key: pem, passphrase })
  } catch {
    return undefined
  }
}
