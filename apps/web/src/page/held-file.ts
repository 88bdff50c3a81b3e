/** Files that the page was given: what they are for, and their bytes, within bounds. */

import { maxForkProofBytes } from '@vaultmesh/federation'
import { decodeUtf8 } from '@vaultmesh/merkle/bytes'

import { maxBodyBytes, maxBundleBytes, maxPolicyBytes } from '@vaultmesh/remembrancer/verify'
import { sizeInWords } from './reveal.ts'

/** What files are for; one for each use is held. */
export const fileUses = ['proof', 'policy', 'body'] as const

/** What a file is for. */
export type FileUse = (typeof fileUses)[number]

/** What a file holds. */
export type FileFormat = 'bundle' | 'fork' | 'policy' | 'body'

/** A file that was read. */
export interface HeldFile {
  readonly format: FileFormat
  readonly name: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Whether somebody chose it here; otherwise the address of the page named it. */
  readonly chosen: boolean
}

/** What reading gives: a file, or a sentence about why it was not taken. */
export type ReadFile =
  | { readonly ok: true; readonly file: HeldFile }
  | { readonly ok: false; readonly problem: string }

interface FormatRules {
  readonly use: FileUse
  readonly words: string
  /** The bound of the format (docs/formats): nothing above it is even read. */
  readonly longest: number
}

const rules: Readonly<Record<FileFormat, FormatRules>> = {
  bundle: { use: 'proof', words: 'a proof', longest: maxBundleBytes },
  fork: { use: 'proof', words: 'a fork proof', longest: maxForkProofBytes },
  policy: { use: 'policy', words: 'a trust policy', longest: maxPolicyBytes },
  body: { use: 'body', words: 'the body of a record', longest: maxBodyBytes },
}

const formats = ['bundle', 'fork', 'policy', 'body'] as const satisfies readonly FileFormat[]

/** What a file is for. */
export function useOf({ format }: HeldFile): FileUse {
  return rules[format].use
}

/** The most bytes that a file may have: one for a certain use, or any. */
export function longestFor(use?: FileUse): number {
  const fitting = formats.filter((format) => use === undefined || rules[format].use === use)
  return Math.max(...fitting.map((format) => rules[format].longest))
}

function formatByName(name: string): FileFormat | undefined {
  if (/\.vmproof\.json$/i.test(name)) return 'bundle'
  return /\.vmfork\.json$/i.test(name) ? 'fork' : undefined
}

const mediaTypes: ReadonlyMap<string | undefined, FileFormat> = new Map([
  ['proof', 'bundle'],
  ['fork', 'fork'],
  ['policy', 'policy'],
])

/**
 * What the content says that it is. Only a guess, which decides whom to ask: the strict reader of
 * that format has the last word.
 */
function formatByContent(bytes: Uint8Array): FileFormat | undefined {
  const text = decodeUtf8(bytes) ?? ''
  // First: what else has a media type may be the text of a body. Nothing but a body has a salt.
  if (/"mediaType"\s*:/.test(text) && /"salt"\s*:/.test(text)) return 'body'
  const [, name] =
    /"mediaType"\s*:\s*"application\/vnd\.vaultmesh\.([a-z]+)\.v\d+\+json"/.exec(text) ?? []
  return mediaTypes.get(name)
}

const refused = (problem: string): ReadFile => ({ ok: false, problem })

function lengthProblem(name: string, size: number, limit: number): string | undefined {
  if (size <= limit) return undefined
  return `${name} has ${sizeInWords(size)}; at most ${sizeInWords(limit)} are read.`
}

/** A sentence about a file that is above its bound, or undefined. */
export function tooLong(name: string, size: number, use?: FileUse): string | undefined {
  const format = formatByName(name)
  return lengthProblem(name, size, format ? rules[format].longest : longestFor(use))
}

/** Whether the words for a use, and what a file was found to be, go together. */
function fits(wanted: FileUse | undefined, format: FileFormat): boolean {
  return wanted === undefined || rules[format].use === wanted
}

/**
 * Decides what bytes are: by the name, else by the content, else by what somebody wants them to be.
 * A file that says two things, or that it is something else than is wanted, is not taken.
 */
export function holdFile(given: Omit<HeldFile, 'format'>, wanted?: FileUse): ReadFile {
  const { name, bytes } = given
  const found = formatByContent(bytes)
  const said = formatByName(name) ?? found
  if (said !== undefined && found !== undefined && said !== found) {
    return refused(`${name} should be ${rules[said].words}, and is ${rules[found].words}.`)
  }
  const format = said ?? formats.find((one) => wanted === rules[one].use)
  if (format === undefined) {
    const yaml = /\.ya?ml$/i.test(name)
      ? ' A policy in YAML is for people to edit: vm trust export writes the one to give away.'
      : ''
    return refused(
      `${name} is neither a proof, nor a trust policy, nor the body of a record.${yaml}`,
    )
  }
  if (!fits(wanted, format)) {
    return refused(`${name} is ${rules[format].words}, which does not belong here.`)
  }
  const problem = lengthProblem(name, bytes.length, rules[format].longest)
  return problem === undefined ? { ok: true, file: { ...given, format } } : refused(problem)
}

/** Reads a file that somebody chose or dropped, unless its size alone says that it is none of ours. */
export async function readChosen(file: File, wanted?: FileUse): Promise<ReadFile> {
  const { name } = file
  const problem = tooLong(name, file.size, wanted)
  if (problem !== undefined) return refused(problem)
  try {
    const bytes = new Uint8Array(await file.arrayBuffer())
    return holdFile({ name, bytes, chosen: true }, wanted)
  } catch {
    return refused(`${name} could not be read. Is it a folder, or was it changed meanwhile?`)
  }
}
