/** Reads the body of an answer, up to a limit. */

/** Room for most files of a log. */
const firstRoom = 16 * 1024

/**
 * The body of a response, decompressed, or undefined where it is above `limit` bytes; the rest is
 * then not read. It is gathered in one buffer, so that many small pieces take no more memory than
 * few large ones. Rejects where the connection breaks.
 */
export async function readBody(
  response: Response,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let bytes = new Uint8Array(Math.min(firstRoom, limit))
  let length = 0
  const reader = response.body?.getReader()
  for (let piece = await reader?.read(); piece?.value !== undefined; piece = await reader?.read()) {
    const end = length + piece.value.length
    if (end > limit) {
      reader?.cancel().catch(() => undefined)
      return undefined
    }
    if (end > bytes.length) {
      const larger = new Uint8Array(Math.min(limit, Math.max(end, 2 * bytes.length)))
      larger.set(bytes)
      bytes = larger
    }
    bytes.set(piece.value, length)
    length = end
  }
  return bytes.subarray(0, length)
}
