/** Commands that people copy into a shell. */

/** A word as a POSIX shell takes it: what a peer says of itself must not become a command. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
