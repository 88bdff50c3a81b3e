/** The tier `static`: the files are those of the manifest, and the manifest is signed. */
import { check } from '../check/check.ts'
import { sha256Hex } from '../digest.ts'
import type { Environment } from '../environment.ts'
import { SpawnError } from '../errors.ts'
import {
  type Envelope,
  type ManifestVerifier,
  manifestPae,
  parseEnvelope,
} from '../manifest/envelope.ts'
import {
  envelopePath,
  type Manifest,
  type ManifestFile,
  manifestPath,
  parseManifest,
} from '../manifest/manifest.ts'
import { show } from '../names.ts'
import type { RenderedFile } from '../render/render.ts'
import { listFiles } from './listing.ts'
import { readPlainFile } from './read.ts'
import { type Differences, type Finding, fail, few, pass, type StepRunner } from './report.ts'

/** What the static tier needs. */
export interface StaticOptions {
  /** Absolute path of the service. */
  readonly directory: string
  readonly keys: readonly ManifestVerifier[]
  readonly env: Environment
  readonly signal: AbortSignal | undefined
}

/** What the static tier found. */
export interface StaticOutcome {
  /** Undefined where there is no good manifest; then no other step was run. */
  readonly manifest: Manifest | undefined
  /** Whether a trusted key signed the manifest. */
  readonly signed: boolean
  readonly differences: Differences
}

async function signatureFinding(
  manifest: Uint8Array,
  envelope: Envelope,
  keys: readonly ManifestVerifier[],
): Promise<Finding> {
  const pae = manifestPae(manifest)
  let trusted: Finding | undefined
  for (const { keyid, signature } of envelope.signatures) {
    for (const key of keys.filter((candidate) => candidate.keyid === keyid)) {
      if (!(await key.verify(pae, signature))) return fail(`the signature of ${keyid} is wrong`)
      trusted ??= pass(`signed by ${keyid}`)
    }
  }
  const signers = envelope.signatures.map(({ keyid }) => show(keyid))
  return (
    trusted ?? { status: 'untrusted', detail: `signed by ${few(signers)}, not by a trusted key` }
  )
}

async function checkSignature(manifest: Uint8Array, options: StaticOptions): Promise<Finding> {
  const read = await readPlainFile(options.directory, envelopePath)
  if (read.status !== 'file') {
    return fail(`${envelopePath} is ${read.status === 'missing' ? 'missing' : read.detail}`)
  }
  const envelope = parseEnvelope(read.bytes)
  if (envelope === undefined) return fail(`${envelopePath} is no canonical DSSE envelope`)
  if (Buffer.compare(envelope.payload, manifest) !== 0) {
    return fail(`${envelopePath} signs another manifest than ${manifestPath}`)
  }
  if (options.keys.length === 0) {
    return {
      status: 'skipped',
      detail: 'no trusted key was given, so nobody vouches for the manifest',
    }
  }
  return signatureFinding(manifest, envelope, options.keys)
}

interface FileState {
  readonly files: Map<string, RenderedFile>
  readonly changed: string[]
  readonly missing: string[]
}

async function readFiles(directory: string, manifest: Manifest): Promise<FileState> {
  const state: FileState = { files: new Map(), changed: [], missing: [] }
  for (const [path, file] of Object.entries(manifest.files)) {
    const read = await readPlainFile(directory, path)
    if (read.status === 'missing') state.missing.push(path)
    else if (read.status === 'refused') state.changed.push(path)
    else {
      const { bytes, mode } = read
      if (mode !== file.mode || sha256Hex(bytes) !== file.sha256) state.changed.push(path)
      state.files.set(path, { bytes, mode, policy: file.policy })
    }
  }
  return state
}

/** The policies under which a file stays what the template made it. */
function isBound(file: ManifestFile | undefined): boolean {
  return file?.policy === 'managed' || file?.policy === 'lock'
}

function digestFinding({ changed, missing }: FileState, manifest: Manifest): Finding {
  const differing = [...changed, ...missing]
  if (differing.length === 0) return pass(`${Object.keys(manifest.files).length} files as signed`)
  const texts = [
    changed.length > 0 ? `changed: ${few(changed)}` : '',
    missing.length > 0 ? `missing: ${few(missing)}` : '',
  ]
  const bound = differing.some((path) => isBound(manifest.files[path]))
  return { status: bound ? 'fail' : 'warn', detail: texts.filter(Boolean).join('; ') }
}

async function addedFiles(manifest: Manifest, options: StaticOptions): Promise<string[]> {
  const listed = await listFiles(options.directory, options.env, options.signal)
  return listed.filter(
    (path) =>
      !Object.hasOwn(manifest.files, path) && path !== manifestPath && path !== envelopePath,
  )
}

function parseFinding(files: ReadonlyMap<string, RenderedFile>): Finding {
  // What looks like a tag may be a developer's own text by now.
  const problems = check({ files }).filter(({ code }) => code !== 'TAG_UNRESOLVED')
  return problems.length === 0
    ? pass('JSON and YAML parse')
    : fail(problems.map(({ path, code, detail }) => `${path}: ${code}: ${detail}`).join('\n'))
}

/** Runs the static tier. Never throws on what is in the directory. */
export async function verifyStatic(
  runner: StepRunner,
  options: StaticOptions,
): Promise<StaticOutcome> {
  const differences = { changed: [] as string[], missing: [] as string[], added: [] as string[] }
  const read = await readPlainFile(options.directory, manifestPath)
  const parsed = read.status === 'file' ? parseManifest(read.bytes) : undefined
  await runner.run('manifest.format', manifestPath, () => {
    if (read.status === 'missing') return fail(`there is no ${manifestPath}`)
    if (read.status === 'refused') return fail(`${manifestPath}: ${read.detail}`)
    return parsed?.ok === false ? fail(few(parsed.problems)) : pass('a canonical v0 manifest')
  })
  if (read.status !== 'file' || parsed?.ok !== true) {
    return { manifest: undefined, signed: false, differences }
  }
  const { manifest } = parsed
  const signature = await runner.run('manifest.signature', envelopePath, () =>
    checkSignature(read.bytes, options),
  )
  let files: ReadonlyMap<string, RenderedFile> = new Map()
  await runner.run('files.digest', 'every file of the manifest', async () => {
    const state = await readFiles(options.directory, manifest)
    files = state.files
    differences.changed = state.changed
    differences.missing = state.missing
    return digestFinding(state, manifest)
  })
  await runner.run('files.added', 'files that the manifest does not list', async () => {
    try {
      differences.added = await addedFiles(manifest, options)
    } catch (error) {
      if (!(error instanceof SpawnError) || error.code === 'ABORTED') throw error
      return { status: 'skipped', detail: `not listed: ${error.message}` }
    }
    return differences.added.length === 0
      ? pass('none')
      : { status: 'warn', detail: `added: ${few(differences.added)}` }
  })
  await runner.run('outputs.parse', 'JSON and YAML files', () => parseFinding(files))
  return { manifest, signed: signature.status === 'pass', differences }
}
