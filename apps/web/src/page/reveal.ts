/** Makes visible what a hostile text would like to hide. */

/** A run of ordinary text, or the name of one character that shows nothing or reorders others. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'hidden'; readonly name: string }

/**
 * Control, format (bidirectional ones too: CVE-2021-42574), private-use, surrogate and unassigned
 * characters, the separators that browsers may take for line ends, letters and marks that show
 * nothing (UAX #44, Default_Ignorable_Code_Point), and blank Braille.
 */
const hidden = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u

/** More than that of one text is not shown. */
export const longestShown = 20_000

/** `U+202E` for a character. */
function nameOf(character: string): string {
  const code = character.codePointAt(0) ?? 0
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}

/**
 * The pieces of a text, at most `longestShown` UTF-16 units of it. Line feeds and tabs are ordinary
 * text where `lines` is set.
 */
export function reveal(text: string, { lines = false }: { lines?: boolean } = {}): Piece[] {
  const pieces: Piece[] = []
  let run = ''
  const flush = (): void => {
    if (run !== '') pieces.push({ kind: 'text', text: run })
    run = ''
  }
  for (const character of text.slice(0, longestShown)) {
    const isOrdinary = !hidden.test(character) || (lines && /[\n\t]/.test(character))
    if (isOrdinary) {
      run += character
    } else {
      flush()
      pieces.push({ kind: 'hidden', name: nameOf(character) })
    }
  }
  if (text.length > longestShown) run += ` … (${text.length - longestShown} more)`
  flush()
  return pieces
}

/** A text with hidden characters spelled out, for where nothing but text can stand. */
export function revealed(text: string): string {
  return reveal(text)
    .map((piece) => (piece.kind === 'text' ? piece.text : piece.name))
    .join('')
}

/** A number of bytes, for people. */
export function sizeInWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`
  return bytes < 1_000_000
    ? `${(bytes / 1000).toFixed(1)} kB`
    : `${(bytes / 1_000_000).toFixed(1)} MB`
}
