/** The kinds of record that v0 knows. */
export const recordKinds = [
  'artifact',
  'decision',
  'deployment',
  'discovery',
  'incident',
  'note',
  'routing',
  'spawn',
] as const

/** A kind of record. */
export type RecordKind = (typeof recordKinds)[number]

const bodyKinds: ReadonlySet<string> = new Set(['decision', 'discovery', 'incident', 'note'])

/** Whether the subject of a kind is a text that is kept beside the log. */
export function isBodyKind(kind: RecordKind): boolean {
  return bodyKinds.has(kind)
}
