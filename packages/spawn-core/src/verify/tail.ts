import { stripVTControlCharacters } from 'node:util'

const keptBytes = 64 * 1024

/** The last part of a program's output, in bounded memory. */
export class OutputTail {
  #chunks: Buffer[] = []
  #bytes = 0

  /** Adds output. */
  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    while (this.#bytes - (this.#chunks[0]?.length ?? 0) >= keptBytes) {
      this.#bytes -= this.#chunks.shift()?.length ?? 0
    }
  }

  /**
   * The last `lines` lines, without what could steer a terminal: the output of a program is not to
   * be believed.
   */
  text(lines = 40): string {
    const text = stripVTControlCharacters(Buffer.concat(this.#chunks).toString('utf8'))
    return (
      text
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
        .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
        .trimEnd()
        .split('\n')
        .slice(-lines)
        .join('\n')
    )
  }
}
