/** What is said where a mirror can't be used. */
import { FederationError } from '../errors.ts'

/** What is wrong with the files of a mirror in a folder. */
export function mirrorDamaged(origin: string, place: string, why: string): FederationError {
  return new FederationError(
    'MIRROR_DAMAGED',
    `the mirror of ${origin} in ${place} can't be used: ${why}; check the log's keys in the configuration, or move the folder away and sync again`,
  )
}
