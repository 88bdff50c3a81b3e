/** The secret half of a token. */
import { hash, randomBytes } from 'node:crypto'

// The prefix lets scanners for leaked secrets find it.
const form = /^vmt_[A-Za-z0-9_-]{43}$/

/** A new token: `vmt_` and 256 random bits in base64url. */
export function newToken(): string {
  return `vmt_${randomBytes(32).toString('base64url')}`
}

/** Whether a text could be a token. */
export function isToken(text: string): boolean {
  return form.test(text)
}

/**
 * The SHA-256 of a token in hex, which is all that is kept of it. There is nothing to guess in 256
 * random bits, so that no slow hash is needed.
 */
export function digestOfToken(token: string): string {
  return hash('sha256', token, 'hex')
}
