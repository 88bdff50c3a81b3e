/** Somebody who has what was handed over, and nothing else. */
import { rename } from 'node:fs/promises'
import type { Json } from '../command.ts'
import { isolation } from './offline.ts'
import type { Play } from './play.ts'
import { runVm } from './vm-process.ts'

/** Does the work while the workspace is moved away, where nobody looks for it. */
export async function withoutWorkspace<T>({ scene }: Play, work: () => Promise<T>): Promise<T> {
  const { workspace } = scene.first
  await rename(workspace, scene.away)
  try {
    return await work()
  } finally {
    await rename(scene.away, workspace)
  }
}

/**
 * `vm verify` in a process that has the handed files and nothing else: no PATH, no home, no network.
 *
 * @param expected the exit code that is meant
 */
export async function verifyAsStranger(
  play: Play,
  file: string,
  policy: string,
  expected = 0,
): Promise<Json> {
  const { scene, signal, facts } = play
  facts.isolation ??= await isolation({ cwd: scene.handed, env: scene.inherited, signal })
  return await runVm(['verify', file, '--policy', policy], {
    cwd: scene.handed,
    // What Node has compiled of `vm` is as little the workspace's as `vm` itself.
    env: { HOME: scene.emptyHome, NODE_COMPILE_CACHE: scene.first.env['NODE_COMPILE_CACHE'] },
    signal,
    wrapper: facts.isolation.wrapper,
    nodeParameters: facts.isolation.nodeParameters,
    expected,
  })
}
