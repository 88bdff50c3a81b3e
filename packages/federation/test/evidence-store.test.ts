import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryDirectory } from '@vaultmesh/testing'
import { describe, expect, it } from 'vitest'
import { maxForkProofBytes } from '../src/fork-proof/types.ts'
import { type EvidenceStore, openEvidenceStore } from '../src/node.ts'
import { makeFork } from './kit/fork.ts'
import { logSigner, policyOf, witnessSigner } from './kit/keys.ts'

const log = logSigner('example.com/log')
const other = logSigner('example.com/other')
const witnesses = [witnessSigner('w.example/one'), witnessSigner('w.example/two')]

function storeIn(directory: string, policy = policyOf([log])): EvidenceStore {
  const trustOf = (origin: string) => (origin === log.name ? policy : undefined)
  return openEvidenceStore({ directory, trustOf })
}

function idOf(receipt: Awaited<ReturnType<EvidenceStore['add']>>): string {
  if (receipt.status === 'refused') throw new Error(receipt.detail)
  return receipt.id
}

describe('kept fork proofs', () => {
  it('are verified, written once, and there for the next', async () => {
    const directory = join(temporaryDirectory(), 'deep', 'evidence')
    const store = storeIn(directory)
    expect(await store.list()).toEqual([])
    expect(await store.read('00'.repeat(32))).toBeUndefined()
    const { bytes } = await makeFork(log, [9, 12], 4)
    const id = idOf(await store.add(bytes))
    expect(await store.add(bytes)).toEqual({ status: 'known', id, origin: log.name })
    expect(readdirSync(directory)).toEqual([`${id}.vmfork.json`])
    const next = storeIn(directory)
    expect(await next.list(log.name)).toMatchObject([{ id, fork: { divergence: { size: 4n } } }])
    expect(await next.list(other.name)).toEqual([])
    expect(Buffer.compare((await next.read(id)) ?? new Uint8Array(), bytes)).toBe(0)
  })

  it('are nothing else', async () => {
    const store = storeIn(join(temporaryDirectory(), 'evidence'))
    const { bytes } = await makeFork(log, [9, 12], 4)
    expect(await store.add(new Uint8Array())).toMatchObject({ code: 'INVALID' })
    expect(await store.add(bytes.slice(1))).toMatchObject({ code: 'INVALID' })
    expect(await store.add((await makeFork(other, [9, 12], 4)).bytes)).toMatchObject({
      status: 'refused',
      code: 'UNKNOWN_LOG',
    })
    expect(await store.add(new Uint8Array(maxForkProofBytes + 1))).toMatchObject({
      code: 'TOO_LARGE',
    })
  })

  it('are not believed because they are in the folder', async () => {
    const directory = temporaryDirectory()
    const store = storeIn(directory)
    const { bytes } = await makeFork(log, [9, 12], 4)
    const id = idOf(await store.add(bytes))
    const strange = await makeFork(other, [9, 12], 4)
    const sha = createHash('sha256').update(strange.bytes).digest('hex')
    writeFileSync(join(directory, `${sha}.vmfork.json`), strange.bytes)
    writeFileSync(join(directory, `${'0'.repeat(64)}.vmfork.json`), bytes)
    writeFileSync(join(directory, `${id}.vmfork.json.abc.new`), bytes)
    writeFileSync(join(directory, 'notes.txt'), 'what we know')
    mkdirSync(join(directory, `${'1'.repeat(64)}.vmfork.json`))
    for (const reader of [store, storeIn(directory)]) {
      expect((await reader.list()).map((proof) => proof.id)).toEqual([id])
    }
    expect(await store.read('0'.repeat(64))).toBeUndefined()
    // Damaged, it is none; mended, it is one again.
    writeFileSync(join(directory, `${id}.vmfork.json`), bytes.slice(0, 100))
    const reader = storeIn(directory)
    expect(await reader.list()).toEqual([])
    expect(await reader.add(bytes)).toMatchObject({ status: 'kept' })
    expect(readFileSync(join(directory, `${id}.vmfork.json`)).equals(bytes)).toBe(true)
  })

  it('are the ones that decide what is trusted, where there are too many', async () => {
    const policy = policyOf([log], witnesses, 2)
    const directory = temporaryDirectory()
    const store = storeIn(directory, policy)
    // Whoever has the log's key alone can't make a proof that displaces one of the quorum's.
    const decisive = await makeFork(log, [60, 61], 50, [witnesses, witnesses])
    const id = idOf(await store.add(decisive.bytes))
    for (let common = 0; common < 33; common += 1) {
      await store.add((await makeFork(log, [60, 61], common)).bytes)
    }
    const kept = await store.list()
    expect(kept).toHaveLength(32)
    expect(kept.map((proof) => proof.id)).toContain(id)
    expect(readdirSync(directory)).toHaveLength(32)
  })

  it('come one after the other, so that the bound holds', async () => {
    const store = storeIn(temporaryDirectory())
    const { bytes } = await makeFork(log, [3, 3], 1)
    const receipts = await Promise.all([bytes, bytes, bytes].map((it) => store.add(it)))
    expect(receipts.map(({ status }) => status)).toEqual(['kept', 'known', 'known'])
  })

  it('are not kept where that can not be', async () => {
    const folder = temporaryDirectory()
    writeFileSync(join(folder, 'file'), '')
    const store = storeIn(join(folder, 'file', 'evidence'))
    const { bytes } = await makeFork(log, [3, 3], 1)
    await expect(store.add(bytes)).rejects.toMatchObject({ code: 'FEDERATION_IO' })
    // The next one is not held up by it.
    await expect(store.add(bytes)).rejects.toMatchObject({ code: 'FEDERATION_IO' })
  })
})
