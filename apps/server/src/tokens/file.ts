/** One token as a file: named after the token, and holding the digest of its secret. */
import { scopeOf } from './scopes.ts'
import type { TokenInfo } from './types.ts'

/** A token as it is kept. */
export interface StoredToken extends TokenInfo {
  /** SHA-256 of the secret, in hex. */
  readonly digest: string
}

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/

/** The most bytes of a token's file. */
export const maxTokenFileBytes = 4096

/** Whether a text can be the name of a token. */
export function isTokenName(name: string): boolean {
  return label.test(name)
}

/** The text of a token's file. */
export function encodeTokenFile({ digest, scopes, createdAt, expiresAt }: StoredToken): string {
  const file = {
    version: 0,
    sha256: digest,
    scopes,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt.toISOString(),
  }
  return `${JSON.stringify(file, null, 2)}\n`
}

function timeOf(value: unknown): Date | undefined {
  if (typeof value !== 'string' || !time.test(value)) return undefined
  const date = new Date(value)
  return Number.isNaN(date.getTime()) || date.toISOString() !== value ? undefined : date
}

/** Reads the text of the file of the token `name`; undefined where it is not one. Never throws. */
export function parseTokenFile(name: string, text: string): StoredToken | undefined {
  const value = jsonOf(text)
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 5) {
    return undefined
  }
  const raw = value as Readonly<Record<string, unknown>>
  const [createdAt, expiresAt] = [timeOf(raw['createdAt']), timeOf(raw['expiresAt'])]
  const [digest, named] = [raw['sha256'], raw['scopes']]
  if (raw['version'] !== 0 || createdAt === undefined || expiresAt === undefined) return undefined
  if (typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) return undefined
  if (!Array.isArray(named) || !isTokenName(name)) return undefined
  const scopes = named.flatMap((each) => scopeOf(String(each)) ?? [])
  // A scope that is not known here would silently allow less than its maker meant.
  if (scopes.length !== named.length || scopes.length === 0) return undefined
  return { name, digest, scopes, createdAt, expiresAt }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
