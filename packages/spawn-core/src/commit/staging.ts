/** Staging folders: where a service is made, beside the place where it will be. */
import { createHash, randomBytes } from 'node:crypto'
import { mkdir, readdir, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { messageOf, SpawnError, systemCode } from '../errors.ts'

/**
 * `.<name>.vm-tmp-<host>-<pid>-<random>`. The host is part of it because a process id says nothing
 * on another machine that shares the file system.
 */
const pattern = /^\.[^/]+\.vm-tmp-([0-9a-f]{8})-([1-9][0-9]{0,9})-[0-9a-f]{12}$/

function thisHost(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) !== 'ESRCH'
  }
}

/** Removes staging folders in `parent` whose process on this machine is dead. */
export async function removeAbandoned(parent: string): Promise<void> {
  const host = thisHost()
  for (const entry of await readdir(parent, { withFileTypes: true })) {
    const [, owner, pid] = pattern.exec(entry.name) ?? []
    if (entry.isDirectory() && owner === host && !isAlive(Number(pid))) {
      // What can't be removed now does not keep this spawn from going on.
      await removeStaging(join(parent, entry.name)).catch(() => undefined)
    }
  }
}

/** Removes a staging folder with all that is in it. */
export function removeStaging(staging: string): Promise<void> {
  return rm(staging, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 })
}

function notMade(parent: string, cause: unknown): SpawnError {
  const code = systemCode(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new SpawnError(
      'PARENT_MISSING',
      `There is no folder ${parent}. Make it, or choose another.`,
      { cause },
    )
  }
  return new SpawnError(
    'TARGET_NOT_WRITABLE',
    `Nothing can be written to ${parent} (${messageOf(cause)}). Choose a folder that you may write to, or change its permissions.`,
    { cause },
  )
}

/**
 * Makes the staging folder for `target` in the same folder, hence on the same file system.
 *
 * Throws `PARENT_MISSING` or `TARGET_NOT_WRITABLE`.
 */
export async function makeStaging(target: string): Promise<string> {
  const parent = dirname(target)
  const suffix = `${thisHost()}-${process.pid}-${randomBytes(6).toString('hex')}`
  // A long name is cut, so that the folder's own name stays below 255 bytes.
  const staging = join(parent, `.${basename(target).slice(0, 63)}.vm-tmp-${suffix}`)
  try {
    await removeAbandoned(parent)
    await mkdir(staging)
  } catch (cause) {
    throw notMade(parent, cause)
  }
  return staging
}
