/** Tokens in a folder, as a running server sees them. */
import { timingSafeEqual } from 'node:crypto'
import { readTokens } from './folder.ts'
import { digestOfToken, isToken } from './secret.ts'
import type { Client, TokenVerifier } from './types.ts'

/** How to look at tokens. */
export interface VerifierOptions {
  /** The folder: `tokenDirectory`. */
  readonly directory: string
  readonly clock: () => Date
  /**
   * For how long an answer may rest on the folder as it was, in milliseconds: 1000 unless given. A
   * token that is revoked is refused from then on.
   */
  readonly maxAgeMs?: number
  /** Told when the folder can't be read or is not safe: until it is mended, no token counts. */
  readonly onProblem?: (error: unknown) => void
}

interface Known {
  readonly digest: Uint8Array
  readonly expires: number
  readonly client: Client
}

function known(directory: string): Map<string, Known> {
  const byDigest = new Map<string, Known>()
  for (const { name, digest, scopes, expiresAt } of readTokens(directory)) {
    byDigest.set(digest, {
      digest: Buffer.from(digest),
      expires: expiresAt.getTime(),
      client: { name, scopes: new Set(scopes) },
    })
  }
  return byDigest
}

class FolderVerifier implements TokenVerifier {
  readonly #options: VerifierOptions
  #byDigest: ReadonlyMap<string, Known> = new Map()
  #lookedAt = Number.NEGATIVE_INFINITY

  constructor(options: VerifierOptions) {
    this.#options = options
  }

  client(token: string): Client | undefined {
    if (!isToken(token)) return undefined
    const now = this.#options.clock().getTime()
    this.#look(now)
    const digest = digestOfToken(token)
    // Finding it by its digest may take a time that says something of other digests; nothing can
    // be made of that, since nobody can choose the digest of a token.
    const found = this.#byDigest.get(digest)
    if (found === undefined || now >= found.expires) return undefined
    return timingSafeEqual(Buffer.from(digest), found.digest) ? found.client : undefined
  }

  #look(now: number): void {
    const { directory, maxAgeMs = 1000, onProblem } = this.#options
    // A clock that was set back must not make a revoked token good for longer.
    if (now >= this.#lookedAt && now - this.#lookedAt < maxAgeMs) return
    this.#lookedAt = now
    try {
      // Each file anew: one that others may write now has not changed the time of its folder.
      this.#byDigest = known(directory)
    } catch (error) {
      this.#byDigest = new Map()
      onProblem?.(error)
    }
  }
}

/** Looks tokens up in a folder, and notices what is made or revoked while the server runs. */
export function openTokens(options: VerifierOptions): TokenVerifier {
  return new FolderVerifier(options)
}
