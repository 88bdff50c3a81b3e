/** Names and texts that come from outside. */

/**
 * What is wrong with `name` as an RFC 1123 label (1 to 63 of `a-z`, `0-9` and `-`, neither first nor
 * last a `-`), or undefined. Kubernetes, DNS and image registries all take such a name.
 */
export function labelProblem(name: string): string | undefined {
  if (name === '') return 'it is empty'
  if (name.length > 63) return `it has ${name.length} characters; 63 are allowed`
  if (!/^[a-z0-9-]+$/.test(name)) return 'only a-z, 0-9 and "-" are allowed'
  if (name.startsWith('-') || name.endsWith('-')) return 'it starts or ends with "-"'
  return undefined
}

// Control characters, line separators, byte order marks, lone surrogates, and the bidirectional
// controls that make a reader see other text than the machine does (CVE-2021-42574).
const unsafe =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]|\p{Surrogate}/u

/** What is wrong with one line of text from outside, or undefined. */
export function textProblem(text: string): string | undefined {
  if (text.length > 4096) return `it has ${text.length} characters; 4096 are allowed`
  const match = unsafe.exec(text)
  if (match !== null) {
    const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    return `it holds U+${code}; line breaks, control and direction characters are refused`
  }
  // Nobody could tell an answer that looks like a template tag from a tag that was not rendered.
  if (text.includes('<%') || text.includes('%>')) return 'it holds "<%" or "%>"'
  return undefined
}

/** Text from outside, made safe to show: quoted, control characters escaped, cut after 80. */
export function show(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}…` : text
  return JSON.stringify(cut).replaceAll(
    new RegExp(unsafe, 'gu'),
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
