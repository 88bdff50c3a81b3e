/** What the tests share: the tiny template, keys, a git identity, ways to look at a folder. */
import { execFileSync } from 'node:child_process'
import { createHash, generateKeyPairSync, sign, verify } from 'node:crypto'
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  loadTemplate,
  type ManifestSigner,
  type ManifestVerifier,
  plan,
  type Rendered,
  render,
  SpawnError,
  type SpawnErrorCode,
  type Template,
} from '@vaultmesh/spawn-core'
import { temporaryDirectory } from '@vaultmesh/testing'
import { expect } from 'vitest'

/** The folder of the tiny template. */
export const tinyDirectory = fileURLToPath(new URL('testdata/tiny', import.meta.url))

/** The tiny template. */
export const tiny: Template = await loadTemplate({ directory: tinyDirectory, trust: true })

/** The tiny template, rendered. */
export function renderTiny(answers: Record<string, unknown> = {}): Rendered {
  return render(plan({ template: tiny, answers: { name: 'tiny-service', ...answers } }))
}

/** The text of a rendered file. */
export function textOf(rendered: Rendered, path: string): string {
  const file = rendered.files.get(path)
  if (file === undefined) throw new Error(`there is no ${path}`)
  return Buffer.from(file.bytes).toString('utf8')
}

/** A key that signs manifests, and its other half. */
export function makeKey(): { signer: ManifestSigner; verifier: ManifestVerifier } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
  const keyid = `ed25519:${createHash('sha256').update(raw).digest('hex')}`
  return {
    signer: { keyid, sign: async (pae) => sign(null, pae, privateKey) },
    verifier: { keyid, verify: (pae, signature) => verify(null, pae, publicKey, signature) },
  }
}

/**
 * An environment in which git has an identity and the settings given, and nothing of the user's. The
 * file with them is in a folder that ends with the test, or in `folder`.
 */
export function gitEnvironment(
  options: { readonly settings?: string; readonly folder?: string } = {},
): Record<string, string> {
  const { settings = '', folder = temporaryDirectory() } = options
  const file = join(folder, 'gitconfig')
  writeFileSync(file, `[user]\n\tname = Ada\n\temail = ada@example.com\n${settings}`)
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    GIT_CONFIG_GLOBAL: file,
    GIT_CONFIG_NOSYSTEM: '1',
  }
}

/** Runs git in a folder and gives its output. */
export function git(cwd: string, ...args: string[]): string {
  return execFileSync('git', args, { cwd, encoding: 'utf8', env: gitEnvironment() }).trim()
}

/** Everything in a folder, with what starts with a dot. */
export function entriesOf(directory: string): string[] {
  return readdirSync(directory).sort()
}

/** Waits for the `SpawnError` that something throws, and checks its code. */
export async function spawnErrorOf(
  body: () => unknown | Promise<unknown>,
  code: SpawnErrorCode,
): Promise<SpawnError> {
  try {
    await body()
  } catch (error) {
    if (!(error instanceof SpawnError)) throw error
    expect(error.code).toBe(code)
    return error
  }
  throw new Error(`nothing was thrown, not even ${code}`)
}
