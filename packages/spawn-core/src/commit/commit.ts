/** Puts a rendered service on the disk: the whole of it, committed and signed, or nothing. */
import { lstat, rename } from 'node:fs/promises'
import { resolve } from 'node:path'
import { check } from '../check/check.ts'
import type { Environment } from '../environment.ts'
import { messageOf, SpawnError, systemCode, throwIfAborted } from '../errors.ts'
import type { GitOptions } from '../git.ts'
import { envelopeBytes, type ManifestSigner } from '../manifest/envelope.ts'
import { thisGenerator } from '../manifest/generator.ts'
import {
  envelopePath,
  type Generator,
  manifestBytes,
  manifestPath,
  parseManifest,
} from '../manifest/manifest.ts'
import type { TemplateIdentity } from '../plan.ts'
import type { Rendered } from '../render/render.ts'
import { commitAll, initRepository, requireIdentity } from './repository.ts'
import { makeStaging, removeStaging } from './staging.ts'
import { type WritableFile, writeFiles } from './write.ts'

/** What {@link commit} needs. */
export interface CommitOptions {
  readonly rendered: Rendered
  /** The folder to make. Its parent exists, it does not. */
  readonly directory: string
  readonly signer: ManifestSigner
  /** Stops the work; nothing is left behind. */
  readonly signal?: AbortSignal | undefined
  /** The environment that git's settings are taken from; by default this process's. */
  readonly env?: Environment | undefined
  /** Told before each step. What it throws stops the work. */
  readonly onStage?: ((stage: CommitStage) => void) | undefined
}

/** The steps of {@link commit}, in order. */
export const commitStages = ['check', 'stage', 'sign', 'write', 'git', 'rename'] as const

/** A step of {@link commit}. */
export type CommitStage = (typeof commitStages)[number]

/** What was made. */
export interface SpawnReceipt {
  readonly service: string
  /** Absolute path of the service. */
  readonly directory: string
  readonly template: TemplateIdentity
  /** The bytes of `.vm/manifest.json`. */
  readonly manifest: Uint8Array
  /** 40 or 64 hex digits. */
  readonly gitCommit: string
}

function exists(directory: string): SpawnError {
  return new SpawnError(
    'TARGET_EXISTS',
    `${directory} is already there, and nothing is overwritten. Choose another name, or move it away.`,
  )
}

async function requireAbsent(directory: string): Promise<void> {
  try {
    await lstat(directory)
  } catch {
    // Absent, or its parent is: the staging folder will tell.
    return
  }
  throw exists(directory)
}

/** The manifest of files that pass the check, and that a reader of manifests will take. */
function goodManifest(rendered: Rendered, generator: Generator): Uint8Array {
  const problems = check(rendered).map(({ code, path, detail }) => `${path}: ${code}: ${detail}`)
  const manifest = manifestBytes(rendered, generator)
  const parsed = parseManifest(manifest)
  if (problems.length === 0 && parsed.ok) return manifest
  const shown = [...problems, ...(parsed.ok ? [] : parsed.problems)].slice(0, 10)
  throw new SpawnError(
    'CHECK_FAILED',
    `${rendered.template.id} would give files that can't be used. Nothing was written.\n  ${shown.join('\n  ')}`,
  )
}

async function sign(manifest: Uint8Array, signer: ManifestSigner): Promise<Uint8Array> {
  try {
    return await envelopeBytes(manifest, signer)
  } catch (cause) {
    throw new SpawnError('SIGNER_FAILED', `The manifest was not signed: ${messageOf(cause)}`, {
      cause,
    })
  }
}

async function putInPlace(staging: string, directory: string): Promise<void> {
  await requireAbsent(directory)
  try {
    await rename(staging, directory)
  } catch (cause) {
    const code = systemCode(cause)
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'ENOTDIR') throw exists(directory)
    throw new SpawnError('WRITE_FAILED', `${directory} can't be made: ${messageOf(cause)}`, {
      cause,
    })
  }
}

async function fillStaging(
  staging: string,
  manifest: Uint8Array,
  options: CommitOptions,
  stage: (stage: CommitStage) => void,
): Promise<string> {
  const { rendered, signer, signal } = options
  const gitOptions: GitOptions = { cwd: staging, env: options.env ?? process.env, signal }
  await initRepository(gitOptions)
  await requireIdentity(gitOptions)
  stage('sign')
  const envelope = await sign(manifest, signer)
  stage('write')
  const files = new Map<string, WritableFile>(rendered.files)
  files.set(manifestPath, { bytes: manifest, mode: '644' })
  files.set(envelopePath, { bytes: envelope, mode: '644' })
  writeFiles(staging, files)
  stage('git')
  const { id, version } = rendered.template
  return commitAll(`Spawn ${rendered.service} from ${id} ${version}`, gitOptions)
}

/**
 * Checks, signs, writes and commits a rendered service. All of it is made in a staging folder beside
 * the target and put in place by one rename. The first commit is made without the user's hooks, git
 * templates and commit signing: none of them can stop it or change it.
 *
 * Throws `CHECK_FAILED`, `TARGET_EXISTS`, `PARENT_MISSING`, `TARGET_NOT_WRITABLE`, `GIT_MISSING`,
 * `NO_GIT_IDENTITY`, `GIT_FAILED`, `SIGNER_FAILED`, `WRITE_FAILED` or `ABORTED`; nothing is left
 * behind then.
 */
export async function commit(options: CommitOptions): Promise<SpawnReceipt> {
  const { rendered, signal } = options
  const directory = resolve(options.directory)
  const stage = (name: CommitStage): void => {
    options.onStage?.(name)
    throwIfAborted(signal)
  }
  stage('check')
  const manifest = goodManifest(rendered, await thisGenerator())
  await requireAbsent(directory)
  stage('stage')
  const staging = await makeStaging(directory)
  try {
    const gitCommit = await fillStaging(staging, manifest, options, stage)
    stage('rename')
    await putInPlace(staging, directory)
    return {
      service: rendered.service,
      directory,
      template: rendered.template,
      manifest,
      gitCommit,
    }
  } catch (error) {
    await removeStaging(staging)
    throw error
  }
}
