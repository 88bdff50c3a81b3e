/** What there is of a log: what was signed last, and what readers see. */
import { TlogError } from './errors.ts'
import { type Head, openHead } from './head.ts'
import type { PlaceContext } from './options.ts'
import { readPublishedHead } from './tree-files.ts'

/** What there is of a log. */
export interface Found {
  readonly signed: Head | undefined
  readonly published: Head | undefined
}

/** The head in the lock, or undefined where there is none. Throws LOG_STATE_DAMAGED or LOG_IO. */
export async function readSignedHead(context: PlaceContext): Promise<Head | undefined> {
  const { lock } = context.storage
  const bytes = await lock.read()
  if (bytes === undefined) return undefined
  const head = await openHead(bytes, context.identity)
  if (typeof head !== 'string') return head
  throw new TlogError(
    'LOG_STATE_DAMAGED',
    `${lock.name} does not hold the last checkpoint of ${context.identity.origin}: ${head}; check the origin, keys and place, or recover the log`,
  )
}

export async function findHeads(context: PlaceContext): Promise<Found> {
  const signed = await readSignedHead(context)
  return { signed, published: await readPublishedHead(context.tree, context.identity) }
}

/** The last signed head. Throws LOG_NOT_FOUND or LOG_STATE_MISSING where there is none. */
export function requireSigned({ signed, published }: Found, context: PlaceContext): Head {
  if (signed !== undefined) return signed
  const { tiles, lock } = context.storage
  if (published === undefined) {
    throw new TlogError('LOG_NOT_FOUND', `there is no log in ${tiles.name}; create it first`)
  }
  throw new TlogError(
    'LOG_STATE_MISSING',
    `the log in ${tiles.name} has no state in ${lock.name}, so what was last signed is not known and nothing is added; bring the state back, or recover the log with the size that you know to be its last`,
  )
}
