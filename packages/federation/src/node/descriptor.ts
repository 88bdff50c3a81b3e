/** How a node describes itself: a signed note at `/.well-known/vm-federation`. */
import {
  ed25519NoteVerifier,
  isKeyName,
  type NoteSigner,
  type NoteVerifier,
  openNote,
  parseNote,
  parseVkey,
  signatureTypes,
  signNote,
} from '@vaultmesh/merkle/note'
import { FederationError } from '../errors.ts'

/** The first line of a description. The second one never looks like a checkpoint's. */
const firstLine = 'vaultmesh.cloud/federation/v0'

/** The longest description that is read, in bytes. */
export const maxDescriptionLength: number = 256 * 1024

const maxLines = 2048

/** What a node says of itself. Nothing in it is to be believed because it is said. */
export interface NodeDescription {
  readonly name: string
  /** The vkeys of its own logs (type 1), each named after its origin. */
  readonly logs: readonly string[]
  /** The vkeys of its witness (type 4). */
  readonly witnesses: readonly string[]
}

/** A description as it was read. */
export type ReadDescription =
  | {
      readonly ok: true
      readonly description: NodeDescription
      /** The described log keys that signed it: whoever wrote it has these keys. */
      readonly signedBy: readonly string[]
    }
  | { readonly ok: false; readonly detail: string }

function isVkeyOf(type: number): (line: string) => boolean {
  return (line) => parseVkey(line)?.type === type
}

/** The text of a description, ready to be signed. Throws INVALID_ARGUMENT for what can't be read back. */
export function formatDescription({ name, logs, witnesses }: NodeDescription): string {
  const lines = [
    firstLine,
    `node ${name}`,
    ...logs.map((vkey) => `log ${vkey}`),
    ...witnesses.map((vkey) => `witness ${vkey}`),
  ]
  const text = `${lines.join('\n')}\n`
  if (parseText(text) !== undefined) return text
  throw new FederationError(
    'INVALID_ARGUMENT',
    `a description has a name, at least one log key of type 1, and witness keys of type 4`,
  )
}

/** The description that a text holds: `formatDescription` gives the text back. */
function parseText(text: string): NodeDescription | undefined {
  const [first, node = '', ...rest] = text.split('\n')
  if (first !== firstLine || !node.startsWith('node ') || rest.pop() !== '') return undefined
  const name = node.slice('node '.length)
  const end = rest.findIndex((line) => !line.startsWith('log '))
  const count = end === -1 ? rest.length : end
  const logs = rest.slice(0, count).map((line) => line.slice('log '.length))
  const tail = rest.slice(count)
  if (!tail.every((line) => line.startsWith('witness '))) return undefined
  const witnesses = tail.map((line) => line.slice('witness '.length))
  const isRight =
    isKeyName(name) &&
    rest.length <= maxLines &&
    logs.length > 0 &&
    logs.every(isVkeyOf(signatureTypes.ed25519)) &&
    witnesses.every(isVkeyOf(signatureTypes.cosignature))
  return isRight ? { name, logs, witnesses } : undefined
}

/** Signs a description with the keys of the logs that it names. */
export async function signDescription(
  description: NodeDescription,
  signers: readonly NoteSigner[],
): Promise<string> {
  return signNote(formatDescription(description), signers)
}

function verifierOf(vkey: string): readonly { vkey: string; verifier: NoteVerifier }[] {
  try {
    return [{ vkey, verifier: ed25519NoteVerifier(vkey) }]
  } catch {
    // A key that nobody can have signed with.
    return []
  }
}

/**
 * Reads a description. It must be signed by at least one of the log keys that it names, which shows
 * that whoever wrote it has that key, and no more. Never throws.
 */
export async function readDescription(note: Uint8Array): Promise<ReadDescription> {
  if (note.length > maxDescriptionLength) {
    return { ok: false, detail: `a description has at most ${maxDescriptionLength} bytes` }
  }
  const parsed = parseNote(note)
  if (!parsed.ok) return { ok: false, detail: parsed.detail }
  const description = parseText(parsed.note.text)
  if (description === undefined)
    return { ok: false, detail: 'the note is no description of a node' }
  const keys = description.logs.flatMap(verifierOf)
  const opened = await openNote(
    note,
    keys.map(({ verifier }) => verifier),
  )
  if (!opened.ok) return { ok: false, detail: opened.detail }
  const signedBy = keys
    .filter(({ verifier: { name, keyId } }) =>
      opened.verified.some((signature) => signature.name === name && signature.keyId === keyId),
    )
    .map(({ vkey }) => vkey)
  return { ok: true, description, signedBy }
}
