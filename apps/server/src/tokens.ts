/** Tokens: made, listed and revoked. Without the server, so that a command need not load it. */
import { ServerError } from './errors.ts'
import { removeToken, readTokens as stored, writeToken } from './tokens/folder.ts'
import { scopes as known, type Scope } from './tokens/scopes.ts'
import { digestOfToken, newToken } from './tokens/secret.ts'
import type { TokenInfo } from './tokens/types.ts'

export { ServerError, type ServerErrorCode, serverErrorCodes } from './errors.ts'
export { tokenDirectory } from './tokens/folder.ts'
export { type Scope, scopes } from './tokens/scopes.ts'
export type { Client, TokenInfo, TokenVerifier } from './tokens/types.ts'
export { openTokens, type VerifierOptions } from './tokens/verifier.ts'

/** A token that was just made. */
export interface CreatedToken extends TokenInfo {
  /** The secret. It is kept nowhere: whoever loses it makes another token. */
  readonly token: string
}

const longestDays = 3660

/**
 * Makes a token and keeps the SHA-256 of its secret.
 *
 * @throws ServerError TOKEN_INVALID for its name, no scope, or a time that is over or too far away;
 * TOKEN_EXISTS; TOKENS_UNSAFE.
 */
export function createToken(
  directory: string,
  { name, scopes, createdAt, expiresAt }: TokenInfo,
): CreatedToken {
  const days = (expiresAt.getTime() - createdAt.getTime()) / 86_400_000
  if (!(days > 0 && days <= longestDays)) {
    throw new ServerError('TOKEN_INVALID', 'A token must end, in ten years at the latest.')
  }
  const wanted: Scope[] = known.filter((scope) => scopes.includes(scope))
  if (wanted.length === 0) {
    throw new ServerError('TOKEN_INVALID', 'A token needs at least one scope.')
  }
  const token = newToken()
  const info = { name, scopes: wanted, createdAt, expiresAt }
  writeToken(directory, { ...info, digest: digestOfToken(token) })
  return { ...info, token }
}

/** The tokens of a workspace, by name, those that have expired too. @throws ServerError TOKENS_UNSAFE */
export function listTokens(directory: string): TokenInfo[] {
  return stored(directory).map(({ digest: _, ...info }) => info)
}

/** Ends a token. A server that runs refuses it within a second. @throws ServerError TOKEN_MISSING */
export function revokeToken(directory: string, name: string): void {
  removeToken(directory, name)
}
