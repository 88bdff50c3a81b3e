import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const repository = fileURLToPath(new URL('../../..', import.meta.url))

/** The folder with other people's test data: `VAULTMESH_CONFORMANCE_DIR`, else `../shared/conformance`. */
export function conformanceDirectory(): string {
  const given = process.env['VAULTMESH_CONFORMANCE_DIR']
  return resolve(repository, given === undefined || given === '' ? '../shared/conformance' : given)
}
