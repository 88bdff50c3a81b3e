/** A log whose checkpoints are published only once witnesses have cosigned them. */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { evaluateCheckpoint, parsePolicy, type TlogPolicy } from '@vaultmesh/merkle/policy'
import { temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import {
  createLog,
  type LogOptions,
  openLog,
  openLogReader,
  posixStorage,
  posixTiles,
  recoverLog,
  repairLog,
  witnessCosigner,
} from '../src/index.ts'
import { bytesOf } from './support/logs.ts'
import { identity, logKey } from './support/published.ts'
import { type TestWitness, testWitness } from './support/witnesses.ts'

function policyOf(...witnesses: readonly TestWitness[]): TlogPolicy {
  const lines = witnesses.map(({ name, vkey, url }) => `witness ${name} ${vkey} ${url}\n`)
  const names = witnesses.map(({ name }) => name).join(' ')
  const parsed = parsePolicy(`${lines.join('')}group all all ${names}\nquorum all\n`)
  if (!parsed.ok) throw new Error(parsed.detail)
  return parsed.policy
}

function logIn(place: string, policy: TlogPolicy): LogOptions {
  const directory = join(place, 'tree')
  return {
    directory,
    stateDirectory: join(place, 'state'),
    ...identity,
    signers: [logKey.signer],
    lockTimeoutMs: 0,
    // A new one each time: as a new process would have.
    cosign: witnessCosigner({ policy, tiles: posixTiles(directory) }),
  }
}

describe('a witnessed log', () => {
  it('publishes what its quorum has cosigned', async () => {
    const policy = policyOf(await testWitness('w1'), await testWitness('w2'))
    const place = temporaryDirectory('tlog-witnessed-')
    const log = await createLog(logIn(place, policy))
    for (const text of ['one', 'two']) {
      const { checkpoint } = await log.add(bytesOf(text)).published
      expect(await evaluateCheckpoint(checkpoint, policy)).toMatchObject({
        witnessed: true,
        cosigners: ['w1', 'w2'],
      })
    }
    await log.close()
    const again = await openLog(logIn(place, policy))
    expect((await again.add(bytesOf('three')).published).index).toBe(2n)
    await again.close()
  })

  it('keeps what witnesses do not cosign, unpublished, and publishes it later', async () => {
    const witness = await testWitness('w1')
    const policy = policyOf(witness)
    const place = temporaryDirectory('tlog-witnessed-')
    const log = await createLog(logIn(place, policy))
    await log.add(bytesOf('one')).published
    witness.isDown = true
    const refused = log.add(bytesOf('two'))
    await expect(refused.published).rejects.toMatchObject({ code: 'LOG_NOT_WITNESSED' })
    await expect(refused.published).rejects.toThrow('w1: it answers 503')
    expect((await refused.integrated).index).toBe(1n)
    const reader = await openLogReader({ ...identity, directory: join(place, 'tree') })
    expect((await reader.head()).size).toBe(1n)
    // The log can be used all the same.
    const third = log.add(bytesOf('three'))
    expect((await third.integrated).index).toBe(2n)
    await expect(third.published).rejects.toMatchObject({ code: 'LOG_NOT_WITNESSED' })
    witness.isDown = false
    expect((await log.publish()).size).toBe(3n)
    expect((await reader.head()).size).toBe(3n)
    await log.close()
  })

  it('is published by a repair, which needs no key, once the witnesses answer', async () => {
    const witness = await testWitness('w1')
    const policy = policyOf(witness)
    const place = temporaryDirectory('tlog-witnessed-')
    const options = logIn(place, policy)
    const log = await createLog(options)
    witness.isDown = true
    await expect(log.add(bytesOf('one')).published).rejects.toMatchObject({
      code: 'LOG_NOT_WITNESSED',
    })
    await log.close()
    const { lock, stage, tiles } = posixStorage(options, options.origin)
    const repair = () =>
      repairLog({
        ...identity,
        tiles,
        writer: { lock, stage },
        cosign: logIn(place, policy).cosign,
      })
    await expect(repair()).rejects.toMatchObject({ code: 'LOG_NOT_WITNESSED' })
    witness.isDown = false
    expect(await repair()).toMatchObject({ isPublished: true, repaired: 0, lost: [] })
    const again = await openLog(logIn(place, policy))
    expect((await again.add(bytesOf('two')).published).index).toBe(1n)
    await again.close()
  })

  it('is not written to where tree and state were restored together', async () => {
    const policy = policyOf(await testWitness('w1'))
    const place = temporaryDirectory('tlog-witnessed-')
    const log = await createLog(logIn(place, policy))
    await log.add(bytesOf('one')).published
    await log.close()
    const backup = temporaryDirectory('tlog-witnessed-')
    cpSync(place, backup, { recursive: true })
    const newer = await openLog(logIn(place, policy))
    await newer.add(bytesOf('two')).published
    await newer.close()
    const signed = logKey.signed.length
    const restored = openLog(logIn(backup, policy))
    await expect(restored).rejects.toMatchObject({ code: 'LOG_STATE_BEHIND' })
    await expect(restored).rejects.toThrow('w1 says that it cosigned 2 entries')
    // Nor by the word of an operator who does not know it either.
    rmSync(join(backup, 'state'), { recursive: true })
    const recovered = recoverLog({ ...logIn(backup, policy), expectedSize: 1n })
    await expect(recovered).rejects.toMatchObject({ code: 'LOG_STATE_BEHIND' })
    expect(logKey.signed.length).toBe(signed)
  })

  it('latches where a witness goes ahead of it: the log is written elsewhere', async () => {
    const witness = await testWitness('w1')
    const policy = policyOf(witness)
    const place = temporaryDirectory('tlog-witnessed-')
    const log = await createLog(logIn(place, policy))
    await log.add(bytesOf('one')).published
    witness.state = { size: 99n, root: new Uint8Array(32) }
    await expect(log.add(bytesOf('two')).published).rejects.toMatchObject({ code: 'LOG_FAILED' })
    await expect(log.add(bytesOf('three')).sequenced).rejects.toMatchObject({ code: 'LOG_FAILED' })
    await log.close()
  })
  it('latches where a witness that was away cosigned another tree', async () => {
    const witness = await testWitness('w1')
    const policy = policyOf(witness)
    const place = temporaryDirectory('tlog-witnessed-')
    const log = await createLog(logIn(place, policy))
    await log.add(bytesOf('one')).published
    await log.close()
    const backup = temporaryDirectory('tlog-witnessed-')
    cpSync(place, backup, { recursive: true })
    const newer = await openLog(logIn(place, policy))
    await newer.add(bytesOf('two')).published
    await newer.close()
    // Nobody can tell yet that tree and state were restored together.
    witness.isDown = true
    const restored = await openLog(logIn(backup, policy))
    const forked = restored.add(bytesOf('another'))
    await expect(forked.published).rejects.toMatchObject({ code: 'LOG_NOT_WITNESSED' })
    const signed = logKey.signed.length
    witness.isDown = false
    await expect(restored.publish()).rejects.toMatchObject({ code: 'LOG_FAILED' })
    await expect(restored.add(bytesOf('more')).sequenced).rejects.toMatchObject({
      code: 'LOG_FAILED',
    })
    await restored.close()
    await expect(openLog(logIn(backup, policy))).rejects.toMatchObject({ code: 'LOG_FORKED' })
    expect(logKey.signed.length).toBe(signed)
  })
})
