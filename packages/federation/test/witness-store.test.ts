import { fork } from 'node:child_process'
import { copyFileSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { WitnessState } from '@vaultmesh/merkle/witness'
import { temporaryDirectory } from '@vaultmesh/testing'
import { openDatabase } from '@vaultmesh/tlog/sqlite'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createWitnessStore, type OpenWitnessStore, openWitnessStore } from '../src/node.ts'

async function newStore(): Promise<{ path: string; store: OpenWitnessStore }> {
  const path = join(temporaryDirectory(), 'state', 'witness.sqlite')
  await createWitnessStore(path)
  const store = await openWitnessStore(path)
  onTestFinished(() => store.close())
  return { path, store }
}

function stateOf(size: number, byte = size): WitnessState {
  return { size: BigInt(size), root: new Uint8Array(32).fill(byte) }
}

/** Stores `next` where the witness is at `from`. */
function step(store: OpenWitnessStore, from: bigint | undefined, next: WitnessState) {
  return store.update('example.com/log', (state) => {
    if (state?.size === from) return { ok: true, status: 200, next }
    return { ok: false, status: 409, detail: 'another size', size: state?.size ?? 0n }
  })
}

describe('what a witness remembers', () => {
  it('is what was stored last, also after it was closed', async () => {
    const { path, store } = await newStore()
    expect(await store.state('example.com/log')).toBeUndefined()
    expect(await step(store, undefined, stateOf(5))).toMatchObject({ ok: true })
    expect(await step(store, undefined, stateOf(6))).toMatchObject({ ok: false, size: 5n })
    const largest = { size: 2n ** 64n - 1n, root: new Uint8Array(32) }
    expect(await step(store, 5n, largest)).toMatchObject({ ok: true })
    await store.keep('ab/checkpoint', 'one\n')
    await store.keep('ab/checkpoint', 'two\n')
    store.close()
    store.close()
    const again = await openWitnessStore(path)
    onTestFinished(() => again.close())
    expect(await again.state('example.com/log')).toEqual(largest)
    expect(await again.state('example.com/other')).toBeUndefined()
    expect(await again.kept('ab/checkpoint')).toBe('two\n')
    expect(await again.kept('cd/checkpoint')).toBeUndefined()
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('stays as it was where the decision fails', async () => {
    const { store } = await newStore()
    await step(store, undefined, stateOf(5))
    const fail = store.update('example.com/log', () => {
      throw new Error('no decision')
    })
    await expect(fail).rejects.toThrow('no decision')
    expect(await step(store, 5n, stateOf(6))).toMatchObject({ ok: true })
  })

  it('lets one of two handles that race go on', async () => {
    const { path, store } = await newStore()
    const other = await openWitnessStore(path)
    onTestFinished(() => other.close())
    for (let size = 1; size <= 20; size += 1) {
      const from = size === 1 ? undefined : BigInt(size - 1)
      const decisions = await Promise.all([
        step(store, from, stateOf(size, 1)),
        step(other, from, stateOf(size, 2)),
      ])
      expect(decisions.map(({ ok }) => ok).sort()).toEqual([false, true])
    }
  })

  it('lets one of two processes that race go on, at each size', async () => {
    const { path, store } = await newStore()
    const program = new URL('./support/witness-process.ts', import.meta.url)
    const rounds = 25
    const grants = await Promise.all(
      [1, 2].map((id) => granted(program, [path, `${id}`, `${rounds}`])),
    )
    // Each size was granted once, by whichever process.
    const sizes = grants.flat().sort((a, b) => a - b)
    expect(sizes).toEqual(Array.from({ length: rounds }, (_, i) => i + 1))
    expect((await store.state('example.com/log'))?.size).toBe(BigInt(rounds))
  })

  it('is never made anew, nor taken from somewhere else', async () => {
    const { path, store } = await newStore()
    await expect(createWitnessStore(path)).rejects.toMatchObject({ code: 'WITNESS_STATE_EXISTS' })
    await expect(openWitnessStore(`${path}-gone`)).rejects.toMatchObject({
      code: 'WITNESS_STATE_MISSING',
    })
    await expect(createWitnessStore('/proc/1/nothing/witness')).rejects.toMatchObject({
      code: 'FEDERATION_IO',
    })
    store.close()
    const folder = temporaryDirectory()
    const foreign = join(folder, 'foreign.sqlite')
    const database = openDatabase(foreign)
    database.exec('create table state (origin text)')
    database.close()
    const text = join(folder, 'text')
    writeFileSync(
      text,
      'not a database at all, and long enough to be taken for something else'.repeat(20),
    )
    const cut = join(folder, 'cut.sqlite')
    copyFileSync(path, cut)
    truncateSync(cut, 4096)
    for (const wrong of [foreign, text, cut]) {
      const before = readFileSync(wrong)
      const used = openWitnessStore(wrong).then(async (opened) => {
        onTestFinished(() => opened.close())
        return step(opened, undefined, stateOf(1))
      })
      await expect(used).rejects.toMatchObject({ code: 'WITNESS_STATE_DAMAGED' })
      if (wrong !== cut) expect(readFileSync(wrong).equals(before)).toBe(true)
    }
    await expect(openWitnessStore(folder)).rejects.toMatchObject({ code: 'FEDERATION_IO' })
  })

  it('is not used where what is in it can not be', async () => {
    const { path, store } = await newStore()
    await step(store, undefined, stateOf(5))
    const database = openDatabase(path)
    database.exec("update state set size = '05'")
    database.close()
    await expect(step(store, 5n, stateOf(6))).rejects.toMatchObject({
      code: 'WITNESS_STATE_DAMAGED',
    })
    rmSync(path)
  })

  it('says so where the disk is full', async () => {
    const { store } = await newStore()
    const full = Object.assign(new Error('database or disk is full'), { errcode: 13 })
    await expect(
      store.update('example.com/log', () => {
        throw full
      }),
    ).rejects.toMatchObject({ code: 'FEDERATION_NO_SPACE' })
    const busy = Object.assign(new Error('database is locked'), { errcode: 5 })
    await expect(
      store.update('example.com/log', () => {
        throw busy
      }),
    ).rejects.toMatchObject({ code: 'FEDERATION_IO' })
  })
})

/** The sizes that a process was granted. */
async function granted(program: URL, args: readonly string[]): Promise<number[]> {
  const { promise, resolve, reject } = Promise.withResolvers<number[]>()
  const strip = process.features.typescript === false ? ['--experimental-strip-types'] : []
  const child = fork(program, args, {
    execArgv: ['--conditions=@vaultmesh/source', '--disable-warning=ExperimentalWarning', ...strip],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  child.once('message', (message) => resolve(Array.isArray(message) ? message.map(Number) : []))
  child.once('error', reject)
  child.once('exit', (code) => reject(new Error(`it ended with ${code}`)))
  return promise
}
