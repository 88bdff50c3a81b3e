/** The user's secret keys: one file each, in a folder that nobody else may look into. */
import type { KeyObject } from 'node:crypto'
import type { Stats } from 'node:fs'
import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdir, open, readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { RemembrancerError } from '../errors.ts'
import { createFile, makeDirectories, syncDirectory, systemCode } from './files.ts'
import { decodePrivateKey, encodePrivateKey, isEncrypted } from './pkcs8.ts'

/** What a key of a user is for. */
export type KeyDuty = 'agent' | 'record' | 'log' | 'time' | 'witness'

/** A key's name in the keyring: its duty, and 64 hex digits that identify its public half. */
export interface KeyName {
  readonly duty: KeyDuty
  readonly fingerprint: string
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0')
}

/** What is unsafe about a file of the keyring, or about its folder. */
export interface KeyringProblem {
  /** What is wrong and where, without a full stop. */
  readonly problem: string
  /** What to do; ends with the command where there is one. */
  readonly fix?: string
}

function refused({ problem, fix }: KeyringProblem): RemembrancerError {
  const advice = fix === undefined ? '' : ` ${fix}`
  return new RemembrancerError(
    'KEYRING_PERMISSIONS',
    `The keyring is not safe: ${problem}.${advice}`,
  )
}

function isLink(path: string): KeyringProblem {
  return { problem: `${path} is a symbolic link`, fix: 'Put the real one in its place.' }
}

/** What is unsafe: a key that another user can read or replace is not this user's alone. */
function unsafe(path: string, found: Stats, wanted: 0o600 | 0o700): KeyringProblem | undefined {
  const isRight = wanted === 0o700 ? found.isDirectory() : found.isFile()
  if (found.isSymbolicLink()) return isLink(path)
  if (!isRight) return { problem: `${path} is not a ${wanted === 0o700 ? 'folder' : 'file'}` }
  const user = process.getuid?.()
  if (user !== undefined && found.uid !== user) {
    return {
      problem: `${path} belongs to user ${found.uid}, not to you (${user})`,
      fix: `Take it over with: chown ${user} '${path}'`,
    }
  }
  // Windows has no such modes and reports 0666 for all files.
  if (user !== undefined && (found.mode & 0o077) !== 0) {
    return {
      problem: `${path} has mode ${octal(found.mode)}, so others can get at it`,
      fix: `Fix it with: chmod ${wanted.toString(8)} '${path}'`,
    }
  }
  return undefined
}

function checkSafety(path: string, found: Stats, wanted: 0o600 | 0o700): void {
  const problem = unsafe(path, found, wanted)
  if (problem !== undefined) throw refused(problem)
}

function missing(path: string, cause: unknown): RemembrancerError {
  return new RemembrancerError(
    'KEYRING_KEY_MISSING',
    `The secret key ${path} is not on this machine. Copy it from where the workspace was made, or make a workspace of your own.`,
    { cause },
  )
}

async function readSafely(handle: FileHandle, path: string): Promise<string> {
  try {
    // Of the open file, not of the name: the name could point elsewhere a moment later.
    checkSafety(path, await handle.stat(), 0o600)
    return await handle.readFile('utf8')
  } finally {
    await handle.close()
  }
}

/** The keyring in a folder. */
export class Keyring {
  readonly directory: string

  constructor(directory: string) {
    this.directory = directory
  }

  /** The file of a key. */
  path({ duty, fingerprint }: KeyName): string {
    return join(this.directory, `${duty}-${fingerprint}.pem`)
  }

  /** Makes the folder where it is absent. Gives what takes it away again, as long as it is empty. */
  async prepare(): Promise<() => Promise<void>> {
    await makeDirectories(dirname(this.directory), 0o700)
    const isNew = await mkdir(this.directory, { mode: 0o700 }).then(
      () => true,
      (error) => {
        if (systemCode(error) === 'EEXIST') return false
        throw error
      },
    )
    await this.#check()
    return async () => {
      if (isNew) await rmdir(this.directory).catch(() => undefined)
    }
  }

  /** Writes a key that is not there yet. Gives what takes it away again. */
  async add(
    name: KeyName,
    key: KeyObject,
    passphrase: string | null,
  ): Promise<() => Promise<void>> {
    const path = this.path(name)
    await createFile(path, await encodePrivateKey(key, passphrase), 0o600)
    const undo = (): Promise<void> => rm(path, { force: true })
    await syncDirectory(this.directory).catch(async (error) => {
      await undo()
      throw error
    })
    return undo
  }

  /**
   * Reads a key. `askPassphrase` is asked only where the key is encrypted.
   *
   * @throws RemembrancerError KEYRING_PERMISSIONS, KEYRING_KEY_MISSING, KEYRING_KEY_INVALID,
   * PASSPHRASE_NEEDED, PASSPHRASE_WRONG
   */
  async read(name: KeyName, askPassphrase: () => Promise<string | undefined>): Promise<KeyObject> {
    await this.#check()
    const path = this.path(name)
    const pem = await this.#readFile(path)
    const passphrase = isEncrypted(pem) ? await askPassphrase() : undefined
    if (isEncrypted(pem) && passphrase === undefined) {
      throw new RemembrancerError(
        'PASSPHRASE_NEEDED',
        `The secret key ${path} is encrypted, and no passphrase was given.`,
      )
    }
    const key = decodePrivateKey(pem, passphrase)
    if (key !== undefined) return key
    throw passphrase === undefined
      ? new RemembrancerError('KEYRING_KEY_INVALID', `${path} holds no private key.`)
      : new RemembrancerError('PASSPHRASE_WRONG', `The passphrase does not open ${path}.`)
  }

  /**
   * What is unsafe about the folder and each file in it, or undefined where it does not exist.
   * Reads no key.
   */
  async problems(): Promise<readonly KeyringProblem[] | undefined> {
    const found = await lstat(this.directory).catch((error) => {
      if (systemCode(error) === 'ENOENT') return undefined
      throw error
    })
    if (found === undefined) return undefined
    const problems = [unsafe(this.directory, found, 0o700)]
    if (problems[0] === undefined) {
      for (const name of (await readdir(this.directory)).sort()) {
        const path = join(this.directory, name)
        problems.push(unsafe(path, await lstat(path), 0o600))
      }
    }
    return problems.filter((problem) => problem !== undefined)
  }

  async #check(): Promise<void> {
    const found = await lstat(this.directory).catch((error) => {
      throw missing(this.directory, error)
    })
    checkSafety(this.directory, found, 0o700)
  }

  async #readFile(path: string): Promise<string> {
    const handle = await open(
      path,
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    ).catch((error) => {
      // What O_NOFOLLOW says of a symbolic link.
      if (systemCode(error) === 'ELOOP') {
        throw refused(isLink(path))
      }
      if (systemCode(error) === 'EACCES')
        throw refused({ problem: `${path} can not be read by you` })
      throw missing(path, error)
    })
    return readSafely(handle, path)
  }
}
