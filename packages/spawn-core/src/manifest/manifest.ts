/** `.vm/manifest.json`: every file of a spawned repository, by digest. docs/formats/spawn.md */
import { sha256Hex } from '../digest.ts'
import { canonicalBytes, isMembers, type Members, parseCanonical } from '../json.ts'
import { labelProblem, textProblem } from '../names.ts'
import { pathCollisions, pathProblem } from '../paths.ts'
import type { TemplateIdentity } from '../plan.ts'
import type { Rendered } from '../render/render.ts'
import type { Mode } from '../template/load.ts'
import { isPolicy, type Policy } from '../template/policies.ts'
import { parseVerification, type Verification } from '../template/verification.ts'

/** The member `mediaType` of a manifest. */
export const manifestMediaType = 'application/vnd.vaultmesh.manifest.v0+json'

/** The manifest and its signature: no manifest lists these two. */
export const manifestPath = '.vm/manifest.json'
export const envelopePath = '.vm/manifest.dsse.json'

/** The most bytes that a manifest may have. */
export const maximumManifestBytes: number = 4 * 1024 * 1024

/** What a manifest says about one file. */
export interface ManifestFile {
  readonly mode: Mode
  readonly policy: Policy
  /** 64 lower-case hex digits. */
  readonly sha256: string
}

/** The program that made the files. */
export interface Generator {
  readonly name: string
  readonly version: string
}

/** What a spawned repository was made of, and from what. */
export interface Manifest {
  readonly files: Readonly<Record<string, ManifestFile>>
  readonly generator: Generator
  readonly mediaType: typeof manifestMediaType
  readonly pins: Readonly<Record<string, string>>
  readonly service: string
  readonly template: TemplateIdentity
  readonly verify: Verification
}

/** What {@link parseManifest} found. */
export type ParsedManifest =
  | { readonly ok: true; readonly manifest: Manifest }
  | { readonly ok: false; readonly problems: readonly string[] }

/** The manifest of rendered files, as canonical JSON. */
export function manifestBytes(rendered: Rendered, generator: Generator): Uint8Array {
  const { service, template, pins, verify } = rendered
  const files = Object.fromEntries(
    [...rendered.files].map(([path, { bytes, mode, policy }]) => [
      path,
      { mode, policy, sha256: sha256Hex(bytes) },
    ]),
  )
  const manifest: Manifest = {
    files,
    generator: { name: generator.name, version: generator.version },
    mediaType: manifestMediaType,
    pins,
    service,
    template,
    verify,
  }
  return canonicalBytes(manifest)
}

type Complain = (problem: string) => void

function exactly(value: unknown, names: readonly string[]): value is Members {
  return isMembers(value) && Object.keys(value).sort().join() === names.join()
}

function isLine(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && textProblem(value) === undefined
}

const hexDigest = /^[0-9a-f]{64}$/

function parseFile(value: unknown): ManifestFile | undefined {
  if (!exactly(value, ['mode', 'policy', 'sha256'])) return undefined
  const { mode, policy, sha256 } = value
  return (mode === '644' || mode === '755') &&
    isPolicy(policy) &&
    typeof sha256 === 'string' &&
    hexDigest.test(sha256)
    ? { mode, policy, sha256 }
    : undefined
}

function parseFiles(value: unknown, complain: Complain): Record<string, ManifestFile> {
  if (!isMembers(value) || Object.keys(value).length > 2000) {
    complain('files is no object of at most 2000 members')
    return {}
  }
  const files: [string, ManifestFile][] = []
  for (const [path, member] of Object.entries(value)) {
    const file = parseFile(member)
    const problem = pathProblem(path)
    if (problem !== undefined) complain(`files: a path can't be used: ${problem}`)
    else if (path === manifestPath || path === envelopePath) complain(`files lists ${path}`)
    else if (file === undefined) complain(`files: ${path} is not a mode, a policy and a digest`)
    else files.push([path, file])
  }
  for (const { path, other } of pathCollisions(Object.keys(value))) {
    complain(`files: ${path} and ${other} are the same place on some systems`)
  }
  // Not by assignment: "__proto__" is a good name of a file.
  return Object.fromEntries(files)
}

function parseTemplate(value: unknown, complain: Complain): TemplateIdentity {
  if (exactly(value, ['digest', 'id', 'version'])) {
    const { digest, id, version } = value
    if (
      typeof digest === 'string' &&
      /^sha256:[0-9a-f]{64}$/.test(digest) &&
      typeof id === 'string' &&
      labelProblem(id) === undefined &&
      isLine(version)
    ) {
      return { id, version, digest }
    }
  }
  complain('template is not a digest, an id and a version')
  return { id: '', version: '', digest: '' }
}

function parseGenerator(value: unknown, complain: Complain): Generator {
  if (exactly(value, ['name', 'version']) && isLine(value['name']) && isLine(value['version'])) {
    return { name: value['name'], version: value['version'] }
  }
  complain('generator is not a name and a version')
  return { name: '', version: '' }
}

function parsePins(value: unknown, complain: Complain): Record<string, string> {
  const pins: Record<string, string> = {}
  if (!isMembers(value)) complain('pins is no object')
  for (const [name, pin] of Object.entries(isMembers(value) ? value : {})) {
    if (/^[A-Za-z][A-Za-z0-9_-]{0,62}$/.test(name) && isLine(pin)) pins[name] = pin
    else complain('pins: a name or a value is not plain text')
  }
  return pins
}

const members = ['files', 'generator', 'mediaType', 'pins', 'service', 'template', 'verify']

/**
 * Parses a manifest from outside. Takes exactly the canonical bytes of a v0 manifest; never throws.
 */
export function parseManifest(bytes: Uint8Array): ParsedManifest {
  if (bytes.length > maximumManifestBytes) {
    return { ok: false, problems: [`it has ${bytes.length} bytes; 4 MiB are allowed`] }
  }
  const value = parseCanonical(bytes)
  if (!exactly(value, members)) {
    return { ok: false, problems: [`it is no canonical JSON object of ${members.join(', ')}`] }
  }
  const problems: string[] = []
  const complain: Complain = (problem) => {
    if (problems.length < 20) problems.push(problem)
  }
  const { mediaType, service } = value
  if (mediaType !== manifestMediaType) complain(`mediaType is not ${manifestMediaType}`)
  if (typeof service !== 'string' || labelProblem(service) !== undefined) {
    complain('service is no RFC 1123 label')
  }
  const manifest: Manifest = {
    files: parseFiles(value['files'], complain),
    generator: parseGenerator(value['generator'], complain),
    mediaType: manifestMediaType,
    pins: parsePins(value['pins'], complain),
    service: String(service),
    template: parseTemplate(value['template'], complain),
    verify: parseVerification(value['verify'], complain),
  }
  return problems.length === 0 ? { ok: true, manifest } : { ok: false, problems }
}
