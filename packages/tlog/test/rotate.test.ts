import { generateKeyPairSync } from 'node:crypto'
import { openCheckpoint } from '@vaultmesh/merkle/checkpoint'
import { ed25519Cosigner } from '@vaultmesh/merkle/cosignature'
import { ed25519Signer } from '@vaultmesh/merkle/node'
import { parseNote, signNote } from '@vaultmesh/merkle/note'
import { describe, expect, it } from 'vitest'
import type { Cosign } from '../src/cosign.ts'
import { TlogError } from '../src/errors.ts'
import { createLog, openLog } from '../src/log.ts'
import { memoryStorage } from '../src/memory.ts'
import type { StorageOptions } from '../src/options.ts'
import { openLogReader } from '../src/reader.ts'
import { resignLog } from '../src/rotate.ts'
import { bytesOf, origin, recordingKey } from './support/logs.ts'

const old = recordingKey(origin, 1)
const next = recordingKey(origin, 2)

/** A log of two entries, by the old key. */
async function oldLog(): Promise<StorageOptions> {
  const options = {
    storage: memoryStorage(),
    origin,
    signers: [old.signer],
    verifiers: [old.verifier],
    lockTimeoutMs: 0,
  }
  const log = await createLog(options)
  await Promise.all(['one', 'two'].map((text) => log.add(bytesOf(text)).published))
  await log.close()
  return options
}

function withKeys(options: StorageOptions, ...keys: readonly (typeof old)[]): StorageOptions {
  const signers = keys.map(({ signer }) => signer)
  return { ...options, signers, verifiers: [old.verifier, next.verifier] }
}

function ids(checkpoint: string): number[] {
  const parsed = parseNote(checkpoint)
  return parsed.ok ? parsed.note.signatures.map(({ keyId }) => keyId) : []
}

async function isTrusted(checkpoint: string, key: typeof old): Promise<boolean> {
  return (await openCheckpoint(checkpoint, origin, [key.verifier])).ok
}

describe('replacing the key of a log', () => {
  it('overlaps: both keys sign, then the new one alone', async () => {
    const options = await oldLog()
    const both = withKeys(options, next, old)
    const first = await resignLog(both)
    expect(first.size).toBe(2n)
    // Whoever knows only one of the keys goes on believing.
    expect(await isTrusted(first.checkpoint, old)).toBe(true)
    expect(await isTrusted(first.checkpoint, next)).toBe(true)
    const log = await openLog(both)
    const { checkpoint } = await log.add(bytesOf('three')).published
    await log.close()
    expect(await isTrusted(checkpoint, old)).toBe(true)
    expect(await isTrusted(checkpoint, next)).toBe(true)

    const alone = withKeys(options, next)
    const last = await resignLog(alone)
    expect(last.size).toBe(3n)
    expect(ids(last.checkpoint)).toEqual([next.signer.keyId])
    const reader = await openLogReader({
      ...alone,
      tiles: options.storage.tiles,
      verifiers: [next.verifier],
    })
    expect((await reader.head()).checkpoint).toBe(last.checkpoint)
    expect(new TextDecoder().decode(await reader.entry(0n))).toBe('one')
    const written = await openLog({ ...alone, verifiers: [next.verifier] })
    await written.add(bytesOf('four')).published
    await written.close()
  })

  it('signs nothing again where nothing changes', async () => {
    const options = await oldLog()
    const both = withKeys(options, next, old)
    await resignLog(both)
    const count = next.signed.length
    await resignLog(both)
    expect(next.signed.length).toBe(count)
  })

  it('has the tree cosigned that was published without witnesses, and signs nothing for that', async () => {
    const options = await oldLog()
    const { privateKey } = generateKeyPairSync('ed25519')
    const witness = ed25519Cosigner({
      name: 'witness.example',
      signer: ed25519Signer(privateKey),
      now: () => 0n,
    })
    const cosign: Cosign = async (checkpoint) => {
      const parsed = parseNote(checkpoint)
      if (!parsed.ok) throw new Error(parsed.detail)
      return signNote(parsed.note.text, [witness], parsed.note.signatures)
    }
    const count = old.signed.length
    const { checkpoint, size } = await resignLog({ ...options, cosign })
    expect(size).toBe(2n)
    expect(ids(checkpoint)).toEqual([old.signer.keyId, witness.keyId])
    expect(old.signed.length).toBe(count)
    const reader = await openLogReader({ ...options, tiles: options.storage.tiles })
    expect((await reader.head()).checkpoint).toBe(checkpoint)
  })

  it('adds what the caller says about it', async () => {
    const options = await oldLog()
    const { size, checkpoint } = await resignLog({
      ...withKeys(options, next, old),
      encodeRotation: (head) => bytesOf(`a new key after ${head.size} entries`),
    })
    expect(size).toBe(3n)
    expect(ids(checkpoint).length).toBe(2)
    const reader = await openLogReader({
      ...withKeys(options, next),
      tiles: options.storage.tiles,
    })
    expect(new TextDecoder().decode(await reader.entry(2n))).toBe('a new key after 2 entries')
  })

  it('is repeated where it was stopped between its two steps, or not witnessed', async () => {
    const options = await oldLog()
    const both = withKeys(options, next, old)
    const withheld = resignLog({
      ...both,
      async cosign() {
        throw new TlogError('LOG_NOT_WITNESSED', 'nobody is there')
      },
    })
    await expect(withheld).rejects.toMatchObject({ code: 'LOG_NOT_WITNESSED' })
    const { checkpoint } = await resignLog(both)
    expect(ids(checkpoint)).toEqual([next.signer.keyId, old.signer.keyId])
    const reader = await openLogReader({ ...both, tiles: options.storage.tiles })
    expect((await reader.head()).checkpoint).toBe(checkpoint)
  })

  it('does not let a key sign that the verifiers do not know', async () => {
    const options = await oldLog()
    const stranger = recordingKey(origin, 3)
    const refused = resignLog(withKeys(options, stranger, old))
    await expect(refused).rejects.toMatchObject({ code: 'LOG_SIGNER' })
  })
})
