/**
 * The folder with the tokens of one workspace: a file each, mode 0600, in a folder of mode 0700. A
 * file is made or removed in one step, so that two commands at the same time lose nothing.
 */
import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  type Stats,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { ServerError } from '../errors.ts'
import {
  encodeTokenFile,
  isTokenName,
  maxTokenFileBytes,
  parseTokenFile,
  type StoredToken,
} from './file.ts'

const suffix = '.json'

/** The most tokens that a workspace may have. */
const maxTokens = 1000

/** The folder with the tokens of the workspace of an origin; `keyring` is the user's keyring. */
export function tokenDirectory(keyring: string, origin: string): string {
  const name = createHash('sha256').update(origin).digest('hex')
  return join(dirname(keyring), 'tokens', name)
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function unsafe(path: string, found: Stats, mode: number, isRight: boolean): string | undefined {
  const user = process.getuid?.()
  if (!isRight) return `${path} is a link or not what it must be. Put the real one in its place.`
  if (user === undefined) return undefined
  if (found.uid !== user) return `${path} belongs to user ${found.uid}, not to you (${user}).`
  if ((found.mode & 0o077) === 0) return undefined
  return `${path} can be read or changed by others. Fix it with: chmod ${mode.toString(8)} '${path}'`
}

function requireSafe(path: string, found: Stats, mode: 0o600 | 0o700): void {
  const isRight = mode === 0o700 ? found.isDirectory() : found.isFile()
  const problem = unsafe(path, found, mode, isRight)
  if (problem !== undefined) throw new ServerError('TOKENS_UNSAFE', problem)
}

/**
 * All tokens of a folder, by name; none where it is not there.
 *
 * @throws ServerError TOKENS_UNSAFE where others could read or change them, and for a file that is
 * no token: it may have been meant to allow less.
 */
export function readTokens(directory: string): StoredToken[] {
  const found = lstatSync(directory, { throwIfNoEntry: false })
  if (found === undefined) return []
  requireSafe(directory, found, 0o700)
  const names = readdirSync(directory).filter((name) => name.endsWith(suffix))
  if (names.length > maxTokens) {
    throw new ServerError('TOKENS_UNSAFE', `${directory} holds more than ${maxTokens} tokens.`)
  }
  return names.toSorted().flatMap((file) => readToken(directory, file) ?? [])
}

function readToken(directory: string, file: string): StoredToken | undefined {
  const path = join(directory, file)
  const found = lstatSync(path, { throwIfNoEntry: false })
  // Revoked a moment ago.
  if (found === undefined) return undefined
  requireSafe(path, found, 0o600)
  const text = found.size > maxTokenFileBytes ? '' : textOf(path)
  if (text === undefined) return undefined
  const token = parseTokenFile(file.slice(0, -suffix.length), text)
  if (token !== undefined) return token
  throw new ServerError(
    'TOKENS_UNSAFE',
    `${path} is not a token. Remove it, and make the token again.`,
  )
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Node's own recursive `mkdir` never ends below /proc. */
function makeFolders(path: string): void {
  try {
    mkdirSync(path, 0o700)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    makeFolders(dirname(path))
    mkdirSync(path, 0o700)
  }
}

function sync(path: string): void {
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function nameOf(name: string): string {
  if (isTokenName(name)) return `${name}${suffix}`
  throw new ServerError(
    'TOKEN_INVALID',
    `"${name}" can't be the name of a token: use 1 to 63 of a-z, 0-9 and "-", not at the ends.`,
  )
}

/**
 * Writes a file under a name that it alone has, and then gives it the name of the token: whoever
 * looks in between, or after a crash, finds a whole token or none.
 */
function create(path: string, text: string): void {
  const unnamed = `${path}.${randomBytes(8).toString('hex')}`
  const file = openSync(unnamed, 'wx', 0o600)
  try {
    try {
      writeFileSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    // Unlike a rename, it replaces nothing.
    linkSync(unnamed, path)
  } finally {
    unlinkSync(unnamed)
  }
}

/** Keeps a new token, durable. @throws ServerError TOKEN_INVALID, TOKEN_EXISTS, TOKENS_UNSAFE. */
export function writeToken(directory: string, token: StoredToken): void {
  const path = join(directory, nameOf(token.name))
  makeFolders(directory)
  // One more than may be read would make all of them count no more.
  if (readTokens(directory).length >= maxTokens) {
    throw new ServerError(
      'TOKEN_INVALID',
      `There are ${maxTokens} tokens, and no more may be. Revoke those that have ended first.`,
    )
  }
  try {
    create(path, encodeTokenFile(token))
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error
    throw new ServerError(
      'TOKEN_EXISTS',
      `There is a token "${token.name}" already. Name this one otherwise, or revoke that one first.`,
    )
  }
  sync(directory)
}

/** Removes a token, durable. @throws ServerError TOKEN_INVALID, TOKEN_MISSING. */
export function removeToken(directory: string, name: string): void {
  try {
    unlinkSync(join(directory, nameOf(name)))
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    throw new ServerError('TOKEN_MISSING', `There is no token "${name}" of this workspace.`)
  }
  sync(directory)
}
