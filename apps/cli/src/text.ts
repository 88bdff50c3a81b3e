/** Text for people, kept apart from how it is shown, so that colours and control characters are decided once. */

/** What a piece of text means. The output decides which colour that is, if any. */
export type Tone = 'good' | 'bad' | 'warn' | 'strong' | 'dim'

/** A piece of a line: plain, or with a meaning. */
export type Span = string | { readonly tone: Tone; readonly text: string }

/** One line of text for people, without its line end. */
export type Line = Span | readonly Span[]

/** Text with a meaning. */
export function toned(tone: Tone, text: string): Span {
  return { tone, text }
}

// C0 and C1 controls and DEL move the cursor or start escape sequences; line and paragraph
// separators start a new line; the bidirectional controls reorder what is read (Trojan Source).
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

/** The text with every character that could steer a terminal replaced by U+FFFD; a tab becomes a space. */
export function printable(text: string): string {
  return text.replace(unsafe, (character) => (character === '\t' ? ' ' : '\ufffd'))
}

/** The lines of a text from outside, with `indent` before each. */
export function indented(text: string, indent: string): Line[] {
  return text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((line) => `${indent}${line}`)
}

/** Rows of cells in columns; the last cell of a row ends it. */
export function columns(rows: readonly (readonly string[])[]): Line[] {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, at) => {
      widths[at] = Math.max(widths[at] ?? 0, cell.length)
    })
  }
  return rows.map((row) =>
    row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join('  '),
  )
}

/** Pairs of a name and a value, one a line, the values in one column. */
export function table(rows: readonly (readonly [string, Span])[], indent = ''): Line[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length))
  return rows.map(([name, value]) => [
    indent,
    { tone: 'dim', text: name.padEnd(width) },
    '  ',
    value,
  ])
}
