import { join } from 'node:path'
import { temporaryDirectory } from '@vaultmesh/testing'
import { describe, it } from 'vitest'
import { memoryStorage, posixStorage } from '../src/index.ts'
import { origin } from './support/logs.ts'
import { conformance } from './support/storage-conformance.ts'

describe.each(Object.entries(conformance))('a storage %s', (_, check) => {
  it('in memory', async () => {
    const storage = memoryStorage()
    await check(() => storage)
  })

  it('in folders', async () => {
    const home = temporaryDirectory()
    const place = { directory: join(home, 'tree'), stateDirectory: join(home, 'state') }
    await check(() => posixStorage(place, origin))
  })
})
