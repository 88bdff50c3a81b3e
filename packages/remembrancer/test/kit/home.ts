/** A user with a home of their own, and workspaces in it. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '@vaultmesh/testing'
import { onTestFinished } from 'vitest'
import {
  type Initialised,
  type InitOptions,
  initWorkspace,
  type OpenOptions,
  openWorkspace,
  type Workspace,
  type WorkspaceEnvironment,
} from '../../src/workspace.ts'
import { noon } from './scene.ts'

export interface Home {
  readonly path: string
  readonly env: WorkspaceEnvironment
  readonly keyring: string
  readonly project: string
  /** A second passes with each look at it. */
  readonly clock: () => Date
  init(options?: Partial<InitOptions>): Promise<Initialised>
  open(options?: Partial<OpenOptions>): Promise<Workspace>
}

export function makeHome(name = 'payments'): Home {
  const path = temporaryDirectory()
  const project = join(path, 'projects', name)
  mkdirSync(project, { recursive: true })
  let now = noon.getTime()
  const clock = () => {
    now += 1000
    return new Date(now)
  }
  const env = {
    HOME: path,
    XDG_CONFIG_HOME: join(path, '.config'),
    XDG_STATE_HOME: join(path, '.local', 'state'),
  }
  return {
    path,
    env,
    clock,
    keyring: join(path, '.config', 'vaultmesh', 'keyring'),
    project,
    init: (options) =>
      initWorkspace({ directory: project, passphrase: null, clock, env, ...options }),
    async open(options) {
      const workspace = await openWorkspace({ directory: project, clock, env, ...options })
      onTestFinished(() => workspace.close())
      return workspace
    },
  }
}
