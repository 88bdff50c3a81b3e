/** What the parts of an open workspace share. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { RemembrancerError } from '../errors.ts'
import type { TrustPolicy } from '../trust-policy.ts'
import { type Config, parseConfig } from './config.ts'
import { putFile } from './files.ts'
import { findRoot, folderName, type Layout, layoutOf, stateDirectory } from './layout.ts'
import type { PolicyEdit } from './policy-edit.ts'
import { parsePolicyFile } from './policy-file.ts'
import type { OpenOptions } from './types.ts'

/** A workspace that was found. */
export interface Setup {
  readonly root: string
  readonly layout: Layout
  readonly config: Config
  readonly options: OpenOptions
  /** The folder with the log's last signed checkpoint and lock. */
  state(): string
  /** The trust policy as it stands in the file now. */
  policy(): Promise<TrustPolicy>
  /** Puts what `change` makes of the policy's text in its place, whole or not at all, and gives it. */
  editPolicy<T extends string | { readonly text: string }>(
    change: (file: PolicyEdit) => T,
  ): Promise<T>
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause) => {
    const message = `${path} can't be read. Restore it from git.`
    throw new RemembrancerError('CONFIG_INVALID', message, { cause })
  })
}

/**
 * Finds and reads a workspace.
 *
 * @throws RemembrancerError WORKSPACE_MISSING, CONFIG_INVALID
 */
export async function findWorkspace(options: OpenOptions): Promise<Setup> {
  const root = await findRoot(options.directory)
  const layout = layoutOf(join(root, folderName))
  const config = parseConfig(await readText(layout.config), layout.config)
  return {
    root,
    layout,
    config,
    options,
    state: () => stateDirectory(options.env, config.origin),
    policy: async () => parsePolicyFile(await readText(layout.policy), layout.policy),
    editPolicy: async (change) => {
      const path = layout.policy
      const changed = change({ text: await readText(path), path })
      await putFile(path, typeof changed === 'string' ? changed : changed.text)
      return changed
    },
  }
}
