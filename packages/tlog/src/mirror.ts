/** A copy of a log that is read over HTTP. Nothing it gives is trusted. */
import { httpTileSource } from '@vaultmesh/merkle/client'
import { parsePrefix } from './http.ts'
import type { TileReader } from './storage.ts'

/** How to read a mirror. */
export interface MirrorOptions {
  /** How long one request may take, in milliseconds: 20,000 by default. */
  readonly timeoutMs?: number
  /** Take http also for a mirror that is not on this machine. */
  readonly allowHttp?: boolean
  /** Ends every read: it rejects with the signal's reason. */
  readonly signal?: AbortSignal
}

/**
 * Reads the published files of a log below a URL, by GET, up to three times each where the server
 * is busy. Redirects are not followed.
 *
 * Throws LOG_OPTIONS for a URL that is not to be used. `read` rejects with an Error that says what
 * happened where the answer is neither the file nor that there is none.
 */
export function httpMirror(url: string, options: MirrorOptions = {}): TileReader {
  const { allowHttp = false, signal, timeoutMs } = options
  const { href } = parsePrefix(url, 'the mirror', allowHttp)
  const source = httpTileSource(href, {
    ...(signal === undefined ? {} : { signal }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  })
  return {
    name: href,
    async read(path, limit) {
      const given = await source(path)
      signal?.throwIfAborted()
      if (given === undefined) return undefined
      if (!(given instanceof Uint8Array)) throw new Error(`${href}${path}: ${given.detail}`)
      if (given.length <= limit) return given
      throw new Error(`${href}${path} has more than ${limit} bytes`)
    },
  }
}
