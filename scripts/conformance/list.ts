/** Which conformance files there are, where each comes from, and what each must hash to. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A public repository at one commit, and which of its files we take. */
interface Source {
  readonly repository: string
  readonly commit: string
  readonly licence: string
  /** Our folder to theirs, for files that keep their names. */
  readonly folders?: Readonly<Record<string, string>>
  /** Our path to theirs. */
  readonly files?: Readonly<Record<string, string>>
  /** Our path to a Go variable that holds the bytes. */
  readonly goVariables?: Readonly<
    Record<string, { readonly file: string; readonly variable: string }>
  >
}

/** `sources.json`. */
export interface Sources {
  readonly sources: readonly Source[]
  /** Files without a public source, and why. */
  readonly unpublished: Readonly<Record<string, string>>
}

/** Where one file is found. `variable` names the Go variable that holds its bytes. */
export interface Origin {
  readonly url: string
  readonly variable?: string
}

const here = dirname(fileURLToPath(import.meta.url))

/** The pinned sources. */
export function readSources(): Sources {
  return JSON.parse(readFileSync(join(here, 'sources.json'), 'utf8')) as Sources
}

/** Path to SHA-256 (hex), as `sha256sum` writes it. */
export function readDigests(): Map<string, string> {
  const lines = readFileSync(join(here, 'sha256.txt'), 'utf8').split('\n')
  return new Map(
    lines.filter((line) => line !== '').map((line) => [line.slice(66), line.slice(0, 64)]),
  )
}

/** SHA-256 in hex. */
export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function raw({ repository, commit }: Source, path: string): string {
  const escaped = path.split('/').map(encodeURIComponent).join('/')
  return `https://raw.githubusercontent.com/${repository}/${commit}/${escaped}`
}

/** Where the file `path` comes from; undefined where it has no public source. */
export function originOf(path: string, { sources }: Sources): Origin | undefined {
  for (const source of sources) {
    const file = source.files?.[path]
    if (file !== undefined) return { url: raw(source, file) }
    const held = source.goVariables?.[path]
    if (held !== undefined) return { url: raw(source, held.file), variable: held.variable }
  }
  for (const source of sources) {
    for (const [ours, theirs] of Object.entries(source.folders ?? {})) {
      if (path.startsWith(`${ours}/`)) {
        return { url: raw(source, theirs + path.slice(ours.length)) }
      }
    }
  }
  return undefined
}

/** The bytes of `var name = []byte{0x30, ...}` in a Go file. */
export function goBytes(source: string, variable: string): Uint8Array {
  const [, list] = new RegExp(`^var ${variable} = \\[\\]byte\\{([^}]*)\\}`, 'm').exec(source) ?? []
  if (list === undefined) throw new Error(`no Go variable ${variable}`)
  return Uint8Array.from(
    list.split(',').filter((item) => item.trim() !== ''),
    Number,
  )
}
