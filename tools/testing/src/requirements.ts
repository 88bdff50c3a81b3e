/**
 * Programs and data that a test needs and a machine may lack.
 *
 * A test that lacks something is reported as skipped, by name. With `VAULTMESH_REQUIRE=all` the
 * same test fails instead, so that a check that is meant to run can't vanish.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'vitest'
import { conformanceDirectory } from './conformance.ts'
import { findChromium, findPostgres, findProgram } from './programs.ts'

/**
 * A program on the PATH (any Chromium counts), `conformance` for the conformance data, or `wargame`
 * for the two files among them that have no public source.
 */
export type Requirement =
  | 'chromium'
  | 'conformance'
  | 'git'
  | 'go'
  | 'gpg'
  | 'kubectl'
  | 'npm'
  | 'openssl'
  | 'postgres'
  | 'python3'
  | 'tar'
  | 'wargame'

function isPresent(requirement: Requirement): boolean {
  switch (requirement) {
    case 'chromium':
      return findChromium() !== undefined
    case 'conformance':
      return existsSync(conformanceDirectory())
    case 'postgres':
      return findPostgres() !== undefined
    case 'wargame':
      return ['demand', 'decisions'].every((name) =>
        existsSync(join(conformanceDirectory(), `predecessor/wargame/${name}-seed42.csv`)),
      )
    default:
      return findProgram(requirement) !== undefined
  }
}

function missing(requirements: readonly Requirement[]): string[] {
  return requirements.filter((requirement) => !isPresent(requirement))
}

const required = process.env['VAULTMESH_REQUIRE'] === 'all'

/** `it`, for a test that needs programs or data: skipped by name, or failing, where one is absent. */
export function itWith(
  requirements: readonly Requirement[],
  name: string,
  body: () => void | Promise<void>,
): void {
  const absent = missing(requirements)
  if (absent.length === 0) {
    it(name, body)
  } else if (required) {
    it(name, () => {
      throw new Error(`VAULTMESH_REQUIRE=all, but this is absent: ${absent.join(', ')}`)
    })
  } else {
    it.skip(`${name} (absent: ${absent.join(', ')})`, body)
  }
}

/** `describe`, for tests that all need the same programs or data. */
export function describeWith(
  requirements: readonly Requirement[],
  name: string,
  body: () => void,
): void {
  const absent = missing(requirements)
  if (absent.length === 0) {
    describe(name, body)
  } else {
    itWith(requirements, name, () => undefined)
  }
}
