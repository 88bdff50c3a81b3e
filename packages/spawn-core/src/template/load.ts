/** Reading a template from its folder. */
import type { Dirent } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { sha256Hex } from '../digest.ts'
import { messageOf, SpawnError } from '../errors.ts'
import { byCodeUnit, canonicalBytes, decodeUtf8 } from '../json.ts'
import { pathCollisions, pathProblem } from '../paths.ts'
import { parseDefinition, type TemplateDefinition } from './definition.ts'
import { ruleMatches } from './policies.ts'

/** A file's mode, as git keeps it. */
export type Mode = '644' | '755'

/** A file of a template, already mapped to the path that it will have. */
export interface TemplateFile {
  /** Path in the spawned repository. */
  readonly path: string
  readonly mode: Mode
  /** Whether the bytes are an EJS template. */
  readonly rendered: boolean
  readonly bytes: Uint8Array
}

/** A template, wholly in memory. */
export interface Template {
  readonly definition: TemplateDefinition
  /** `sha256:` and hex, over every file of the template; docs/formats/spawn.md says how. */
  readonly digest: string
  /** Sorted by path. */
  readonly files: readonly TemplateFile[]
}

const maximumFiles = 2000
const maximumFileBytes = 4 * 1024 * 1024

function invalid(where: string, problem: string, cause?: unknown): SpawnError {
  return new SpawnError('TEMPLATE_INVALID', `${where}: ${problem}.`, { cause })
}

async function list(folder: string): Promise<Dirent[]> {
  try {
    return await readdir(folder, { recursive: true, withFileTypes: true })
  } catch (cause) {
    throw invalid(folder, `the folder can't be read (${messageOf(cause)})`, cause)
  }
}

async function readBounded(file: string, where: string): Promise<Uint8Array> {
  const stat = await lstat(file)
  if (!stat.isFile()) throw invalid(where, 'it is no plain file')
  if (stat.size > maximumFileBytes) throw invalid(where, 'it is larger than 4 MiB')
  return readFile(file)
}

/** The output path of a stored path: without `.ejs`, and with the dots that `npm pack` would drop. */
function outputPath(stored: string): string {
  return stored.replace(/\.ejs$/, '').replaceAll(/(^|\/)_dot_/g, '$1.')
}

interface StoredFile {
  readonly stored: string
  readonly bytes: Uint8Array
}

async function readFiles(folder: string): Promise<StoredFile[]> {
  const entries = (await list(folder)).filter((entry) => !entry.isDirectory())
  if (entries.length > maximumFiles) throw invalid(folder, `it has more than ${maximumFiles} files`)
  const files = await Promise.all(
    entries.map(async (entry) => {
      const file = join(entry.parentPath, entry.name)
      const stored = relative(folder, file).replaceAll(sep, '/')
      if (entry.isSymbolicLink()) throw invalid(stored, 'a template holds no symbolic link')
      return { stored, bytes: await readBounded(file, stored) }
    }),
  )
  return files.sort((a, b) => byCodeUnit(a.stored, b.stored))
}

function toTemplateFile(file: StoredFile, definition: TemplateDefinition): TemplateFile {
  const path = outputPath(file.stored)
  const problem = pathProblem(path)
  if (problem !== undefined) throw invalid(file.stored, problem)
  // Only the pipeline itself writes there: the manifest lies there.
  if (/^\.vm(\/|$)/i.test(path)) throw invalid(file.stored, '.vm/ is reserved')
  return {
    path,
    mode: definition.executable.includes(path) ? '755' : '644',
    rendered: file.stored.endsWith('.ejs'),
    bytes: file.bytes,
  }
}

/** The digest of a template: over its canonical listing. The file system's modes play no part. */
function digestOf(
  definitionBytes: Uint8Array,
  files: readonly StoredFile[],
  template: readonly TemplateFile[],
  folder: string,
): string {
  const listing = [
    { mode: '644', path: 'template.yaml', sha256: sha256Hex(definitionBytes) },
    ...files.map(({ stored, bytes }, index) => ({
      mode: template[index]?.mode ?? '644',
      path: `${folder}/${stored}`,
      sha256: sha256Hex(bytes),
    })),
  ].sort((a, b) => byCodeUnit(a.path, b.path))
  return `sha256:${sha256Hex(canonicalBytes(listing))}`
}

function refuseUnmatched(definition: TemplateDefinition, paths: readonly string[]): void {
  for (const rule of definition.policies) {
    if (!paths.some((path) => ruleMatches(rule, path))) {
      throw invalid('template.yaml', `policies: ${rule.path} matches no file`)
    }
  }
  for (const path of definition.executable) {
    if (!paths.includes(path)) throw invalid('template.yaml', `executable: there is no ${path}`)
  }
}

/** Reads the template in `directory`. Throws `TEMPLATE_INVALID`. Nothing in it is executed. */
export async function readTemplate(directory: string): Promise<Template> {
  const where = join(directory, 'template.yaml')
  let definitionBytes: Uint8Array
  try {
    definitionBytes = await readBounded(where, where)
  } catch (cause) {
    if (cause instanceof SpawnError) throw cause
    throw invalid(where, `it can't be read (${messageOf(cause)})`, cause)
  }
  const text = decodeUtf8(definitionBytes)
  if (text === undefined) throw invalid(where, 'it is no UTF-8')
  const definition = parseDefinition(text, where)
  const stored = await readFiles(join(directory, definition.files))
  const files = stored.map((file) => toTemplateFile(file, definition))
  const paths = files.map(({ path }) => path)
  const [collision] = pathCollisions(paths)
  if (collision !== undefined) {
    throw invalid(where, `two files want the same place: ${collision.path}, ${collision.other}`)
  }
  refuseUnmatched(definition, paths)
  return {
    definition,
    digest: digestOf(definitionBytes, stored, files, definition.files),
    files: files.sort((a, b) => byCodeUnit(a.path, b.path)),
  }
}
