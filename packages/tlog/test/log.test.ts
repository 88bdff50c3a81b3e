import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { equalBytes } from '@vaultmesh/merkle/bytes'
import { openCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { ed25519NoteSigner } from '@vaultmesh/merkle/node'
import { verifyInclusion } from '@vaultmesh/merkle/proof'
import { hashLeaf } from '@vaultmesh/merkle/rfc6962'
import { parseTlogProof } from '@vaultmesh/merkle/tlog-proof'
import { temporaryDirectory } from '@vaultmesh/testing'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkLog, createLog, type Log, openLog, openLogReader } from '../src/index.ts'
import {
  bytesOf,
  naiveRoot,
  origin,
  recordingKey,
  stageEntries,
  testKey,
  testLog,
} from './support/logs.ts'

async function collect(log: Pick<Log, 'entries'>, from?: bigint, to?: bigint): Promise<string[]> {
  const texts: string[] = []
  for await (const { entry } of log.entries(from, to)) texts.push(new TextDecoder().decode(entry))
  return texts
}

describe('a log', () => {
  it('begins empty, signed and published', async () => {
    const { options } = testLog(temporaryDirectory())
    const log = await createLog(options)
    const head = await log.head()
    expect(log.origin).toBe(origin)
    expect(head.size).toBe(0n)
    expect(head.root).toEqual(naiveRoot([]))
    expect(await openCheckpoint(head.checkpoint, origin, options.verifiers)).toMatchObject({
      ok: true,
    })
    expect(await collect(log)).toEqual([])
    await log.close()
    expect((await checkLog(options)).problems).toEqual([])
  })

  it('gives each entry the next index, and a published checkpoint that covers it', async () => {
    const { options } = testLog(temporaryDirectory())
    const log = await createLog(options)
    for (const [i, text] of ['a', 'b', 'c'].entries()) {
      const { index, checkpoint } = await log.add(bytesOf(text)).published
      expect(index).toBe(BigInt(i))
      expect(readFileSync(join(options.directory, 'checkpoint'), 'utf8')).toBe(checkpoint)
      expect((await log.head()).size).toBe(BigInt(i) + 1n)
    }
    expect((await log.head()).root).toEqual(naiveRoot(['a', 'b', 'c'].map(bytesOf)))
    await log.close()
  })

  it('adds entries that come at once as one batch, in order', async () => {
    const { options, signed } = testLog(temporaryDirectory())
    const log = await createLog(options)
    const texts = Array.from({ length: 600 }, (_, i) => `entry ${i}`)
    const appended = await Promise.all(texts.map((text) => log.add(bytesOf(text)).published))
    expect(appended.map(({ index }) => index)).toEqual(texts.map((_, i) => BigInt(i)))
    expect(signed.map(({ size }) => size)).toEqual([0n, 600n])
    expect(await collect(log)).toEqual(texts)
    expect(await collect(log, 250n, 260n)).toEqual(texts.slice(250, 260))
    expect(await collect(log, 600n)).toEqual([])
    await log.close()
    expect((await checkLog(options)).problems).toEqual([])
  })

  it('writes exactly the files of tlog-tiles', async () => {
    const { options } = testLog(temporaryDirectory())
    const log = await createLog(options)
    await Promise.all(Array.from({ length: 256 }, (_, i) => log.add(bytesOf(`${i}`)).published))
    await log.add(bytesOf('one more')).published
    await log.close()
    const names = readdirSync(options.directory, { recursive: true, encoding: 'utf8' })
    const files = names.filter((name) => statSync(join(options.directory, name)).isFile()).sort()
    expect(files).toEqual([
      'checkpoint',
      'tile/0/000',
      'tile/0/001.p/1',
      'tile/1/000.p/1',
      'tile/entries/000',
      'tile/entries/001.p/1',
    ])
  })

  it('proves entries so that a stranger can verify them', async () => {
    const { options } = testLog(temporaryDirectory())
    const log = await createLog(options)
    const texts = Array.from({ length: 300 }, (_, i) => `entry ${i}`)
    await Promise.all(texts.map((text) => log.add(bytesOf(text)).published))
    for (const index of [0, 1, 255, 256, 299]) {
      const parsed = parseTlogProof(await log.prove(BigInt(index)))
      if (!parsed.ok) throw new Error(parsed.detail)
      const opened = await openCheckpoint(parsed.proof.checkpoint, origin, options.verifiers)
      if (!opened.ok) throw new Error(opened.detail)
      const { size, root } = opened.checkpoint
      const leafHash = hashLeaf(bytesOf(`entry ${index}`))
      expect(parsed.proof.index).toBe(BigInt(index))
      expect(verifyInclusion({ ...parsed.proof, size, root, leafHash })).toEqual({ ok: true })
    }
    await log.close()
  })

  it('is the same after it is opened again', async () => {
    const { options } = testLog(temporaryDirectory())
    const first = await createLog(options)
    await first.add(bytesOf('a')).published
    const head = await first.head()
    await first.close()
    const second = await openLog(options)
    expect(await second.head()).toEqual(head)
    expect((await second.add(bytesOf('b')).published).index).toBe(1n)
    await second[Symbol.asyncDispose]()
    expect(await collect(await openLogReader(options))).toEqual(['a', 'b'])
  })

  it('copies what it is given, so that a buffer can be used again', async () => {
    const { options } = testLog(temporaryDirectory())
    const log = await createLog(options)
    const buffer = bytesOf('before')
    const appended = log.add(buffer).published
    buffer.fill(0)
    await appended
    expect(await log.entry(0n)).toEqual(bytesOf('before'))
    await log.close()
  })

  it('takes entries of 1 to 65,535 bytes', async () => {
    const { options } = testLog(temporaryDirectory())
    const log = await createLog(options)
    await expect(log.add(new Uint8Array()).published).rejects.toMatchObject({ code: 'ENTRY_EMPTY' })
    await expect(log.add(new Uint8Array(65_536)).published).rejects.toMatchObject({
      code: 'ENTRY_TOO_LARGE',
    })
    const largest = new Uint8Array(65_535).fill(7)
    expect((await log.add(largest).published).index).toBe(0n)
    expect(await log.entry(0n)).toEqual(largest)
    await log.close()
  })

  it('stages the largest entries, no more than 8 MiB of them at once', async () => {
    const { options, signed } = testLog(temporaryDirectory())
    const log = await createLog(options)
    const largest = Array.from({ length: 256 }, (_, i) => new Uint8Array(65_535).fill(i))
    await Promise.all(largest.map((entry) => log.add(entry).published))
    expect(signed.map(({ size }) => size)).toEqual([0n, 128n, 256n])
    expect(await log.entry(255n)).toEqual(largest[255])
    await log.close()
    await (await openLog(options)).close()
  })

  it('takes nothing once it is closed, but publishes what it took', async () => {
    const { options } = testLog(temporaryDirectory())
    const log = await createLog(options)
    const taken = log.add(bytesOf('taken')).published
    const closed = log.close()
    await expect(log.add(bytesOf('late')).published).rejects.toMatchObject({ code: 'LOG_CLOSED' })
    expect((await taken).index).toBe(0n)
    await closed
    await log.close()
    expect(await collect(log)).toEqual(['taken'])
  })

  it('is signed by further signers too', async () => {
    const { options } = testLog(temporaryDirectory())
    const other = ed25519NoteSigner('other.example/key', testKey(9))
    const log = await createLog({ ...options, signers: [...options.signers, other] })
    const { checkpoint } = await log.add(bytesOf('a')).published
    expect(checkpoint).toContain('\n— other.example/key ')
    await log.close()
    await (await openLog(options)).close()
  })

  it('has the root of RFC 6962 after any batches, with or without opening it in between', async () => {
    const step = fc.oneof(
      fc.constant('reopen' as const),
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 200 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 8 }), async (steps) => {
        const directory = temporaryDirectory()
        const { options } = testLog(directory)
        let log = await createLog(options)
        const entries: Uint8Array[] = []
        for (const each of steps) {
          if (each === 'reopen') {
            await log.close()
            log = await openLog(options)
          } else {
            await Promise.all(each.map((entry) => log.add(entry).published))
            entries.push(...each)
          }
          const { size, root } = await log.head()
          expect(size).toBe(BigInt(entries.length))
          expect(equalBytes(root, naiveRoot(entries))).toBe(true)
        }
        await log.close()
        expect((await checkLog(options)).problems).toEqual([])
        rmSync(directory, { recursive: true })
      }),
      { numRuns: 20 },
    )
  })
})

describe('creating a log', () => {
  it('refuses where there is one', async () => {
    const { options } = testLog(temporaryDirectory())
    await (await createLog(options)).close()
    await expect(createLog(options)).rejects.toMatchObject({ code: 'LOG_EXISTS' })
    rmSync(options.directory, { recursive: true })
    await expect(createLog(options)).rejects.toMatchObject({ code: 'LOG_EXISTS' })
  })

  it('refuses where only a checkpoint, or only a stage, is there', async () => {
    const { options } = testLog(temporaryDirectory())
    mkdirSync(options.directory, { recursive: true })
    writeFileSync(join(options.directory, 'checkpoint'), 'of whatever')
    await expect(createLog(options)).rejects.toMatchObject({ code: 'LOG_EXISTS' })
    rmSync(options.directory, { recursive: true })
    await stageEntries(options, { size: 0n, root: naiveRoot([]) }, 0n, ['a'])
    await expect(createLog(options)).rejects.toMatchObject({ code: 'LOG_EXISTS' })
  })

  it('keeps the state from other users', async () => {
    const { options } = testLog(temporaryDirectory())
    const stateDirectory = join(options.stateDirectory, 'deep', 'er')
    await (await createLog({ ...options, stateDirectory })).close()
    expect(statSync(stateDirectory).mode & 0o777).toBe(0o700)
  })

  it('refuses a state inside the tree, or the other way round', async () => {
    const { options } = testLog(temporaryDirectory())
    const { directory } = options
    const inTree = { ...options, stateDirectory: join(directory, '.state') }
    const same = { ...options, stateDirectory: directory }
    const around = { ...options, directory: join(options.stateDirectory, 'tree') }
    for (const wrong of [inTree, same, around]) {
      await expect(createLog(wrong)).rejects.toMatchObject({ code: 'LOG_OPTIONS' })
    }
  })

  it.each(['', 'with space', 'with+plus', `${'x'.repeat(1025)}`])(
    'refuses the origin "%s"',
    async (wrong) => {
      const { options } = testLog(temporaryDirectory())
      await expect(createLog({ ...options, origin: wrong })).rejects.toMatchObject({
        code: 'LOG_OPTIONS',
      })
      await expect(openLogReader({ ...options, origin: wrong })).rejects.toMatchObject({
        code: 'LOG_OPTIONS',
      })
    },
  )

  it('works with the longest origin', async () => {
    const { options } = testLog(temporaryDirectory())
    const longest = 'ä'.repeat(512)
    const { signer, verifier } = recordingKey(longest)
    const log = await createLog({
      ...options,
      origin: longest,
      signers: [signer],
      verifiers: [verifier],
    })
    await log.add(bytesOf('a')).published
    await log.close()
  })

  it('refuses a key that could not open the log again', async () => {
    const { options } = testLog(temporaryDirectory())
    const { signer: otherName } = recordingKey('example.com/other')
    const { signer: otherKey } = recordingKey(origin, 2)
    for (const signers of [[], [otherName], [otherKey]]) {
      await expect(createLog({ ...options, signers })).rejects.toMatchObject({ code: 'LOG_SIGNER' })
    }
  })

  it('refuses a key whose signatures do not verify', async () => {
    const { options } = testLog(temporaryDirectory())
    const [signer] = options.signers
    if (signer === undefined) throw new Error('no signer')
    const lying = { name: signer.name, keyId: signer.keyId, sign: () => new Uint8Array(64) }
    await expect(createLog({ ...options, signers: [lying] })).rejects.toMatchObject({
      code: 'LOG_SIGNER',
    })
  })

  it('refuses a folder of state that can not be made', async () => {
    const { options } = testLog(temporaryDirectory())
    await (await createLog(options)).close()
    const stateDirectory = join(options.stateDirectory, 'checkpoint', 'below a file')
    await expect(createLog({ ...options, stateDirectory })).rejects.toMatchObject({
      code: 'LOG_IO',
    })
  })
})
