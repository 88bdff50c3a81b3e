import type { Scope } from './scopes.ts'

/** A token, without its secret. */
export interface TokenInfo {
  /** Unique in its workspace: 1 to 63 of a-z, 0-9 and `-`, not at the ends. */
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly createdAt: Date
  /** From this time on it is refused. */
  readonly expiresAt: Date
}

/** Who asks, as far as a token says. */
export interface Client {
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
}

/** What a server asks about tokens. */
export interface TokenVerifier {
  /** Whose token this is; undefined where it is not known, has expired or was revoked. */
  client(token: string): Client | undefined
}
