/** What our POSIX driver writes, read by Tessera's own client and fsck; and theirs by us. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ed25519NoteSigner } from '@vaultmesh/merkle/node'
import { ed25519NoteVerifier } from '@vaultmesh/merkle/note'
import { conformanceDirectory, itWith, temporaryDirectory } from '@vaultmesh/testing'
import fastify from 'fastify'
import { expect, onTestFinished, vi } from 'vitest'
import { staticLog } from '../src/fastify.ts'
import { checkLog, createLog, openLog, openLogReader, posixTiles, resignLog } from '../src/index.ts'
import { bytesOf, origin, recordingKey, testKey } from './support/logs.ts'

// Go compiles Tessera the first time.
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 })

const run = promisify(execFile)
const goModule = new URL('../../../interop/tessera/', import.meta.url)
const { vkey } = ed25519NoteSigner(origin, testKey(1))

async function builtProgram(): Promise<string> {
  const path = join(temporaryDirectory('tlog-tessera-'), 'tesseracheck')
  await run('go', ['build', '-o', path, './cmd/tesseracheck'], { cwd: goModule })
  return path
}

itWith(
  ['go'],
  'Tessera reads and checks what the POSIX driver wrote, in the folder and over HTTP',
  async () => {
    const check = await builtProgram()
    const { signer, verifier } = recordingKey()
    const place = temporaryDirectory('tlog-tessera-')
    const directory = join(place, 'tree')
    const options = {
      directory,
      stateDirectory: join(place, 'state'),
      origin,
      signers: [signer],
      verifiers: [verifier],
    }
    let size = 0
    async function grow(to: number, opened = options): Promise<void> {
      const log = size === 0 ? await createLog(opened) : await openLog(opened)
      const texts = Array.from({ length: to - size }, (_, i) => `entry ${size + i}`)
      await Promise.all(texts.map((text) => log.add(bytesOf(text)).published))
      await log.close()
      size = to
    }
    // Around full tiles.
    for (const next of [1, 2, 255, 256, 257, 700]) {
      await grow(next)
      const { stdout } = await run(check, [directory, origin, vkey])
      expect(stdout).toMatch(new RegExp(`^verified ${next} [0-9a-f]{64}\n$`))
    }

    // Signed by two keys, it is still read by whoever knows one.
    const next = recordingKey(origin, 2)
    const both = {
      ...options,
      signers: [next.signer, signer],
      verifiers: [next.verifier, verifier],
    }
    await resignLog(both)
    for (const key of [vkey, ed25519NoteSigner(origin, testKey(2)).vkey]) {
      expect((await run(check, [directory, origin, key])).stdout).toContain('verified 700 ')
    }
    const stranger = ed25519NoteSigner(origin, testKey(3)).vkey
    await expect(run(check, [directory, origin, stranger])).rejects.toThrow()

    // Three levels of tiles.
    await grow(65_536 + 300, both)
    const app = fastify()
    await app.register(staticLog, { tiles: posixTiles(directory), prefix: '/log' })
    onTestFinished(() => app.close())
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const { stdout } = await run(check, [`${url}/log/`, origin, vkey])
    expect(stdout).toContain('verified 65836 ')
  },
)

itWith(['conformance'], 'the log of Tessera is read and checked by us', async () => {
  const testdata = 'example.com/log/testdata'
  const theirs = `${testdata}+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx`
  const directory = join(conformanceDirectory(), 'tlog-tiles')
  const options = { directory, origin: testdata, verifiers: [ed25519NoteVerifier(theirs)] }
  const { head, problems } = await checkLog(options)
  expect({ size: head.size, problems }).toEqual({ size: 15n, problems: [] })
  const reader = await openLogReader(options)
  for (let index = 0n; index < 15n; index += 1n) {
    expect(await reader.prove(index)).toContain(`index ${index}\n`)
    expect((await reader.entry(index)).length).toBeGreaterThan(0)
  }
})
