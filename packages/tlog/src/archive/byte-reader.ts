/** Takes exact numbers of bytes out of a stream. */

/** Gives the bytes of a stream in the pieces that its reader wants. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>
  #rest: Uint8Array = new Uint8Array()

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]()
  }

  /** The next `length` bytes, fewer at the end of the stream. Rejects with what the stream does. */
  async take(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let missing = length
    while (missing > 0) {
      if (this.#rest.length === 0) {
        const { value, done } = await this.#chunks.next()
        if (done === true) break
        this.#rest = value
        continue
      }
      const part = this.#rest.subarray(0, missing)
      this.#rest = this.#rest.subarray(part.length)
      missing -= part.length
      parts.push(part)
    }
    return new Uint8Array(Buffer.concat(parts))
  }

  /** Lets go of the stream. */
  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}
